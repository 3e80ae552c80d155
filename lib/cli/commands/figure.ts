import { join, relative } from 'node:path';
import { Command, Option } from 'commander';
import { UserError } from '../../core/errors';
import { figuresFolder } from '../../core/paths';
import { canonicalName, datasetName, knownDataset } from '../../data';
import { startEngine } from '../../engine';
import {
  type FigureFormat,
  type FigureRequest,
  figureFormats,
  findFigure,
  type NamedFigure,
  namedFigures,
  saveFigure,
  type Theme,
} from '../../figures';
import { defaultRecordsFolder, loadRecords, type RunRecord, selectRecords } from '../../results';
import { loadTrainedNetwork } from '../../runs';
import { addMethodOptions, loadMethods } from '../load-methods';
import { checkFolderName, engineOption, namesOf, wholeNumber } from '../options';
import { readDataset } from '../run';

interface Given
  extends Pick<FigureRequest, 'width' | 'metric' | 'projection' | 'of' | 'points' | 'queries' | 'highlight'> {
  records: string;
  dataset?: string;
  methods?: string[];
  preset?: string;
  run?: string;
  neighbors?: number;
  out: string;
  format?: FigureFormat[];
  theme: Theme;
  runs?: string;
  data?: string;
  engine?: string;
  threads?: number;
  load?: string[];
}

/** `mnn figure`: one figure, as files. */
export function figureCommand(): Command {
  const command = new Command('figure')
    .description('draw a figure as SVG, PNG or PDF')
    .argument('<name>', 'see mnn figure list')
    .option('--records <folder>', 'folder with the records', defaultRecordsFolder())
    .option('--dataset <name>', 'records of this dataset alone')
    .option('--methods <names>', 'records of these methods alone, for example mnn,msf', names('--methods'))
    .option('--preset <name>', 'records of this preset alone')
    .option('--run <id>', 'this record alone')
    .option('--out <path>', 'folder, or file such as curves.pdf', figuresFolder)
    .option('--format <names>', 'svg, png, pdf, vl.json (default: svg,png,pdf)', names('--format'))
    .addOption(new Option('--theme <name>').choices(['light', 'dark']).default('light'))
    .option('--width <pixels>', 'width of the plots together', wholeNumber)
    .option('--metric <name>', 'linear-top1 or knn-top1 (lambda, top-k, published)')
    .option('--projection <name>', 'tsne or umap (features)')
    .addOption(
      new Option('--of <what>', 'logits of the linear evaluation, or features (features)').choices([
        'logits',
        'features',
      ]),
    )
    .option('--points <n>', 'test images that are placed (features)', wholeNumber)
    .option('--highlight <classes>', 'up to 12 classes that are colored (features)', names('--highlight'))
    .option('--queries <n>', 'images whose neighbors are shown (neighbors)', wholeNumber)
    .option('--neighbors <n>', 'neighbors of each (neighbors)', wholeNumber)
    .option('--runs <folder>', 'folder with the checkpoints (default: runs)')
    .option('--data <folder>', 'folder with the datasets, or with one of them (default: data)')
    .addOption(engineOption())
    .option('--threads <n>', 'threads to compute with (default: all cores)', wholeNumber)
    .addHelpText(
      'after',
      `
Figures:
${figureList()}

Examples:
  mnn figure list
  mnn figure learning-curves --dataset patterns10 --preset quick
  mnn figure overview --theme dark --out overview.pdf
  mnn figure features --dataset cifar10 --methods mnn --projection umap`,
    );
  addMethodOptions(command);
  return command.action(async (name: string, given: Given) => {
    loadMethods(given.load);
    if (name === 'list') return console.log(figureList());
    const figure = findFigure(name);
    const records = figure.needs === 'nothing' ? [] : chosenRecords(given);
    const spec = await figure.draw({
      ...given,
      records,
      k: given.neighbors,
      openNetwork: (record) => openNetwork(record, given),
      onProgress: showProgress,
    });
    const { path, formats } = target(fileName(figure, records, given), given);
    const files = await saveFigure(spec, path, { formats, warn: console.error });
    for (const file of files) console.log(relative(process.cwd(), file));
  });
}

function names(flag: string): (text: string) => string[] {
  return (text) => namesOf(flag, text);
}

function figureList(): string {
  const needs = { nothing: '', records: '', network: ' (needs the checkpoint of a run)' };
  return namedFigures
    .map((figure) => `  ${figure.name.padEnd(16)} ${figure.shows}${needs[figure.needs]}`)
    .join('\n');
}

function chosenRecords({ records, dataset, methods, preset, run }: Given): RunRecord[] {
  const all = loadRecords(records);
  const chosen = selectRecords(all, {
    ids: run === undefined ? [] : [run],
    datasets: dataset === undefined ? [] : [canonicalName(dataset)],
    methods,
    presets: preset === undefined ? [] : [preset],
  });
  if (chosen.length > 0) return chosen;
  throw new UserError(
    `None of the ${all.length} records in ${records} is asked for. See what there is: mnn results list`,
  );
}

async function openNetwork(record: RunRecord, { runs, data, engine, threads }: Given) {
  await startEngine({ engine, threads, say: console.error });
  const dataset = await readDataset(record.config, data);
  return { record, dataset, ...loadTrainedNetwork(record.config, dataset, runs) };
}

function showProgress(doing: string, done: number, total: number): void {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${doing}: ${done}/${total}${done === total ? '\n' : ' '}`);
}

/** Tells figures of other runs, datasets and themes apart. */
function fileName({ name, needs }: NamedFigure, records: RunRecord[], { dataset, theme }: Given): string {
  const of = { nothing: undefined, records: dataset && fileNameOf(dataset), network: records[0]?.id }[needs];
  return [name, of, theme === 'dark' && 'dark'].filter(Boolean).join('-');
}

/** A folder's name without its path. */
function fileNameOf(dataset: string): string {
  return knownDataset(dataset)?.isFolder ? datasetName(dataset) : dataset;
}

/** Where the figure goes, without its extension, and in which formats: those asked for, or the file's own. */
function target(name: string, { out, format }: Given): { path: string; formats: readonly FigureFormat[] } {
  const own = figureFormats.find((known) => out.toLowerCase().endsWith(`.${known}`));
  if (own) return { path: out.slice(0, -own.length - 1), formats: format ?? [own] };
  checkFolderName(
    '--out',
    out,
    `As a file it ends in ${figureFormats.map((known) => `.${known}`).join(', ')}`,
  );
  return { path: join(out, name), formats: format ?? ['svg', 'png', 'pdf'] };
}
