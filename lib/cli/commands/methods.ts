import { Command } from 'commander';
import { UserError, unknownName } from '../../core/errors';
import { formatTable } from '../../core/table';
import { datasetName } from '../../data';
import { describeOptions, findMethod, listMethods, type Method } from '../../methods';
import { methodsTable } from '../../paper';
import { hasBank, isPaperDataset, paperDatasets, paperSettings } from '../../presets';
import { addMethodOptions, loadMethods } from '../load-methods';

interface Given {
  dataset: string;
  table?: boolean;
  load?: string[];
}

/** `mnn methods`: what can be trained, and with which settings. */
export function methodsCommand(): Command {
  const command = new Command('methods')
    .description('the methods, their sources and settings; all of them, or one with its options explained')
    .argument('[name]', 'one method')
    .option('--dataset <name>', "the paper's settings for this dataset", 'cifar10')
    .option('--table', 'the settings of the whole comparison as a table')
    .addHelpText(
      'after',
      `
Examples:
  mnn methods
  mnn methods snclr
  mnn methods --table --dataset stl10
  mnn methods --load notebooks/own-method/simsiam.ts`,
    );
  addMethodOptions(command);
  return command.action((name: string | undefined, { dataset, table, load }: Given) => {
    loadMethods(load);
    if (!isPaperDataset(dataset)) throw unknownName('dataset of the paper', dataset, paperDatasets);
    if (table && name !== undefined)
      throw new UserError(`--table shows every method of the comparison. Leave it out, or the name ${name}.`);
    if (table) return console.log(formatTable(methodsTable(dataset), 'text'));
    const methods = name === undefined ? listMethods() : [findMethod(name)];
    for (const method of methods) {
      const { views, dim, options, assumed } = paperSettings(method.name, dataset);
      const settings = Object.entries(options)
        .filter(([key]) => key !== 'memoryBank' || hasBank(options))
        .map(([key, value]) => `${key}=${value}${key in assumed ? '*' : ''}`);
      console.log(`${method.name}: ${method.title}, ${method.summary}`);
      console.log(`  source   ${method.source}`);
      console.log(`  views    ${views.join(', ')}`);
      if (method.heads) console.log(`  heads    ${method.heads.layers}; embeddings of ${dim}`);
      if (settings.length > 0) console.log(`  options  ${settings.join(' ')}`);
      for (const [option, why] of Object.entries(assumed)) console.log(`           * ${option}: ${why}`);
      if (name !== undefined) console.log(explainOptions(method));
      console.log();
    }
    console.log(`Options are the paper's for ${datasetName(dataset)}; change them with --set option=value.`);
  });
}

function explainOptions(method: Method): string {
  const options = describeOptions(method);
  const width = Math.max(...options.map(({ name }) => name.length));
  return options
    .map(
      ({ name, values, description }) =>
        `  ${name.padEnd(width)}  ${values}\n  ${' '.repeat(width)}  ${description}`,
    )
    .join('\n');
}
