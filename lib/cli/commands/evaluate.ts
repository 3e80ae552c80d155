import { relative } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { printable } from '../../core/byte-source';
import { Interrupted, UserError } from '../../core/errors';
import { checkWritable } from '../../core/files';
import { datasetName, type Normalization } from '../../data';
import { startEngine } from '../../engine';
import type { BackboneOrigin } from '../../results';
import { defaultEvaluationsFolder, type EvaluationRecord, saveEvaluation } from '../../results';
import { type EvaluationWatcher, evaluateNetwork, evaluationConfig, findNetwork } from '../../runs';
import { addMethodOptions, loadMethods } from '../load-methods';
import {
  addImageOptions,
  engineOption,
  type ImageOptions,
  precisionOption,
  seedNumber,
  settingsOf,
  wholeNumber,
} from '../options';
import { abortOnSignals, ImageProgress, rawPixelBar, type WorkBar } from '../progress';
import { readDataset } from '../run';

type Channels = Normalization['mean'];

interface Given extends ImageOptions {
  dataset?: string;
  preset?: string;
  seed?: number;
  knnK?: number;
  linearEpochs?: number;
  mean?: Channels;
  std?: Channels;
  data?: string;
  load?: string[];
  runs?: string;
  evaluations: string;
  engine?: string;
  threads?: number;
  json?: boolean;
}

/** `mnn evaluate`: nearest-neighbor and linear accuracy of a network, without training it. */
export function evaluateCommand(): Command {
  const command = new Command('evaluate')
    .description(
      'nearest-neighbor and linear evaluation of a run or an imported network, without training it',
    )
    .argument('<network>', 'name of a run or an imported network, or the path of its folder or file')
    .option('--dataset <name>', "see mnn data list, or a folder (default: the run's own, or cifar10)")
    .option('--preset <name>', "settings of the evaluation (default: the run's own, or paper)")
    .option('--seed <n>', "seed of the linear evaluation (default: the run's, or 1339)", seedNumber)
    .option('--knn-k <n>', 'neighbors that vote', wholeNumber)
    .option('--linear-epochs <n>', 'epochs of the linear evaluation, 0 for none', wholeNumber)
    .option(
      '--mean <r,g,b>',
      "of the channels, as in the network's training (default: the dataset's)",
      channels,
    )
    .option('--std <r,g,b>', 'standard deviation of the channels, likewise', channels)
    .option('--data <folder>', 'folder with the datasets, or with one of them (default: data)')
    .option('--runs <folder>', 'folder with checkpoints (default: runs)')
    .option('--evaluations <folder>', 'folder for the result', defaultEvaluationsFolder())
    .addOption(engineOption())
    .addOption(precisionOption())
    .option('--threads <n>', 'threads to compute with (default: all cores)', wholeNumber)
    .option('--json', 'print the result as JSON')
    .addHelpText(
      'after',
      `
A run need not be finished: its newest checkpoint counts. The result is a file of its own kind in results/evaluations
and no run record: it says where the network comes from, and no table of the paper takes it for a run of the kit's.

Examples:
  mnn import mnn-cifar10.pth
  mnn evaluate imported-mnn-cifar10-1a2b3c4d --dataset cifar10
  mnn evaluate imported-simclr-1a2b3c4d --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225    ImageNet's
  mnn evaluate imported-mnn-cifar10-1a2b3c4d --dataset ./photos --image-size 32
  mnn evaluate mnn-cifar10-small-s1339-0f1e2d3c --linear-epochs 0`,
    );
  return addImageOptions(addMethodOptions(command)).action(async (what: string, given: Given) => {
    loadMethods(given.load);
    const { dataset, preset, seed } = given;
    const network = findNetwork(what, { runs: given.runs, warn: console.error });
    const { override } = settingsOf(given);
    const config = evaluationConfig(network, { dataset, preset, seed, override });
    const normalization = normalizationOf(given);
    checkWritable(given.evaluations);
    const engine = await startEngine({ ...given, say: console.error });
    console.error(
      `Engine: ${engine.name} (${engine.version}), ${engine.threads} threads on ${engine.device}`,
    );
    const images = await readDataset(config, given.data);
    const progress = new ImageProgress();
    const rawPixels = rawPixelBar();
    const watcher = stoppable(progress, rawPixels);
    const record = await evaluateNetwork(network, images, { ...config, normalization }, watcher).finally(
      () => {
        progress.stop();
        rawPixels.stop();
      },
    );
    const used = normalization ?? images.normalization;
    console.log(given.json ? JSON.stringify(record, null, 2) : describe(record, used));
    const path = saveEvaluation(record, given.evaluations);
    console.error(`\nThe result is in ${relative(process.cwd(), path)}`);
  });
}

/** Shows the work, and ends it with Ctrl-C. */
function stoppable(progress: ImageProgress, rawPixels: WorkBar): EvaluationWatcher {
  const signal = abortOnSignals('stopping after the batch at hand');
  const throwIfStopped = () => {
    if (signal.aborted) throw new Interrupted('The evaluation was stopped; nothing of it is kept.');
  };
  return {
    onStart: progress.start,
    onImages: (count) => {
      throwIfStopped();
      progress.add(count);
    },
    onLinearEpoch: ({ epoch, top1 }, epochs) =>
      progress.note(`epoch ${epoch}/${epochs}, top-1 ${top1.toFixed(2)} %`),
    onRawPixels: (done, total, part) => {
      throwIfStopped();
      progress.stop();
      rawPixels.update(done, total, part);
    },
  };
}

/** For commander: a number for each channel. */
function channels(text: string): Channels {
  const values = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (values.length !== 3 || !values.every(Number.isFinite))
    throw new InvalidArgumentError('It has to be three numbers with commas between, such as 0.5,0.5,0.5.');
  return values as unknown as Channels;
}

function normalizationOf({ mean, std }: Given): Normalization | undefined {
  if (!mean && !std) return undefined;
  if (!mean || !std) throw new UserError('Give --mean and --std together: one alone is no normalization.');
  if (std.some((value) => value <= 0))
    throw new UserError(`--std ${std.join(',')} has a number that is not above 0.`);
  return { mean, std };
}

function describe(
  { network, settings, dataset, metrics, linearCurve }: EvaluationRecord,
  { mean, std }: Normalization,
): string {
  const percent = (value: number | null | undefined) => (value == null ? '-' : value.toFixed(2));
  const line = (name: string, value: number | null, more?: string) =>
    `${name.padEnd(28)} ${percent(value).padStart(6)} %${more ? `   (${more})` : ''}`;
  const { knnK } = settings.evaluation;
  return [
    `Network    ${source(network.origin)}`,
    `           ResNet-18 of width ${network.width}, ${network.parameters.toLocaleString('en')} parameters`,
    `Images     ${datasetName(dataset.name)}, ${dataset.trainImages.toLocaleString('en')} training and ` +
      `${dataset.testImages.toLocaleString('en')} test`,
    `           normalized with mean ${mean.join(', ')} and deviation ${std.join(', ')}` +
      (network.origin.kind === 'pytorch' ? '; if it was trained with others, give --mean and --std' : ''),
    '',
    line(`${knnK}-NN top-1`, metrics.knnTop1, `raw pixels ${percent(metrics.rawPixelKnnTop1)} %`),
    ...(linearCurve.length === 0
      ? []
      : [
          line(
            `linear top-1, best of ${linearCurve.length}`,
            metrics.linearTop1,
            `last epoch ${percent(metrics.linearLastTop1)} %, raw pixels ${percent(metrics.rawPixelLinearTop1)} %`,
          ),
          line(`linear top-5, best of ${linearCurve.length}`, metrics.linearTop5),
        ]),
  ].join('\n');
}

function source(origin: BackboneOrigin): string {
  if (origin.kind === 'pytorch') {
    const epoch = origin.epoch === null ? '' : `, epoch ${origin.epoch}`;
    return `${printable(origin.file)} (PyTorch, ${printable(origin.prefix)}*${epoch}), trained elsewhere`;
  }
  const step = origin.step === undefined ? '' : ` and part of the next (step ${origin.step})`;
  return `${printable(origin.run)}, after ${origin.epochs} of ${origin.ofEpochs} epochs${step}`;
}
