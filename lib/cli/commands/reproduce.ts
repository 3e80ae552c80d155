import { join, relative } from 'node:path';
import { Command } from 'commander';
import { unknownName } from '../../errors';
import { learningCurves, saveFigure } from '../../figures';
import { figuresFolder } from '../../paths';
import { comparisonTable, formatTable, recordId } from '../../results';
import { missingRuns, quickComparison } from '../../runs';
import { addMethodOptions, loadMethods } from '../load-methods';
import {
  addMachineOptions,
  addSettingOptions,
  type MachineOptions,
  type SettingOptions,
  settingsOf,
} from '../options';
import { runAll } from '../run';

interface Given extends MachineOptions, SettingOptions {
  methods?: string;
  seed?: number;
  load?: string[];
  figures: string;
}

/** `mnn reproduce`: the runs of a comparison that are missing, then its table and figure. */
export function reproduceCommand(): Command {
  const command = new Command('reproduce')
    .description('run what a comparison needs, and show its table and figure')
    .argument(
      '<what>',
      'quick: methods on the built-in dataset, by default MNN, MSF and the untrained network',
    )
    .option(
      '--methods <names>',
      'all, or some with commas between: see mnn methods (default: mnn,msf,untrained)',
    )
    .option('--figures <folder>', 'folder for the figure', figuresFolder)
    .option('--seed <n>', 'seed of everything random (default: 1339)', Number)
    .addHelpText(
      'after',
      `
Runs that have a record already are not run again, unless --restart is given.

Examples:
  mnn reproduce quick
  mnn reproduce quick --methods all
  mnn reproduce quick --methods mnn,byol --set topK=5
  mnn reproduce quick --restart --engine wasm --threads 1`,
    );
  addSettingOptions(command);
  addMethodOptions(command);
  addMachineOptions(command);
  return command.action(async (what: string, given: Given) => {
    loadMethods(given.load);
    if (what !== 'quick') throw unknownName('comparison', what, ['quick']);
    const configs = quickComparison({
      methods: given.methods?.split(','),
      seed: given.seed,
      ...settingsOf(given),
    });
    const { found, missing } = missingRuns(configs, given);
    for (const { id } of found) console.error(`${id} has a record already; --restart runs it again.`);
    const made = missing.length > 0 ? await runAll(missing, given) : [];
    const byId = new Map([...found, ...made].map((record) => [record.id, record]));
    const records = configs.map((config) => byId.get(recordId(config))!);
    console.log(`\n${formatTable(comparisonTable(records), 'text')}`);
    const trained = records.filter(({ curves }) => curves.length > 0);
    const files = await saveFigure(learningCurves(trained), join(given.figures, 'quick-learning-curves'));
    console.log(`\nFigure: ${files.map((file) => relative(process.cwd(), file)).join(', ')}`);
    console.log(nextSteps);
  });
}

const nextSteps = `
What to try next:
  npx mnn pretrain --dataset shapes10 --preset quick --set topK=1     change one thing and compare
  npx mnn data fetch cifar10                                          real pictures
  npx mnn pretrain --dataset cifar10 --preset small                   and a run on them
  npm run notebooks                                                   the TypeScript notebooks, all of them
  npx mnn doctor                                                      a faster engine`;
