import { statSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { UserError } from '../core/errors';
import { engineNames, precisions } from '../engine';
import type { ImageChoice, PresetOptions } from '../presets';

/** Options that decide about the machine, the same for every command that computes. */
export function addMachineOptions(command: Command): Command {
  return command
    .addOption(engineOption())
    .option('--threads <n>', 'threads to compute with (default: all cores)', wholeNumber)
    .addOption(precisionOption())
    .option('--workers <n>', 'threads that make augmented views', wholeNumber)
    .option('--data <folder>', 'folder with the datasets, or with one of them (default: data)')
    .option('--runs <folder>', 'folder for checkpoints (default: runs)')
    .option('--records <folder>', 'folder for records (default: results/records)')
    .option('--tensorboard <folder>', 'write curves for TensorBoard too, each run to a folder in it')
    .option('--log <file>', 'write every event as a line of JSON too, as docs/logs.md shows')
    .option('--keep-every <epochs>', 'keep the checkpoints of every so many epochs too', wholeNumber)
    .option('--restart', 'forget checkpoints and the record of the same run and start over');
}

/** Every engine's name, and which is the default. */
export function engineOption(
  fallback = 'MNN_ENGINE, the choice of mnn engine use, or the fastest that starts',
): Option {
  const names = `${engineNames.slice(0, -1).join(', ')} or ${engineNames.at(-1)}`;
  return new Option('--engine <name>', `${names} (default: ${fallback})`);
}

/** What an NVIDIA GPU multiplies in. */
export function precisionOption(): Option {
  return new Option(
    '--precision <name>',
    'of products on an NVIDIA GPU: float32 (default), or tf32, faster with 10 bits instead of 23',
  ).choices(precisions);
}

/** What `addMachineOptions` yields. */
export interface MachineOptions {
  engine?: string;
  threads?: number;
  precision?: string;
  workers?: number;
  data?: string;
  runs?: string;
  records?: string;
  tensorboard?: string;
  log?: string;
  keepEvery?: number;
  restart?: boolean;
}

/** Options for settings that differ from the preset's. */
export function addSettingOptions(command: Command): Command {
  return addImageOptions(command)
    .option('--epochs <n>', 'pretraining epochs', wholeNumber)
    .option('--batch-size <n>', 'images in a batch', wholeNumber)
    .option('--lr <x>', 'learning rate at batch 256', realNumber)
    .option('--warmup-epochs <n>', 'epochs in which the learning rate rises', wholeNumber)
    .option('--width <n>', 'channels of the first stage of the ResNet-18', wholeNumber)
    .option('--bn-splits <n>', 'parts of a batch that are normalized on their own', wholeNumber)
    .option('--knn-k <n>', 'neighbors that vote', wholeNumber)
    .option('--linear-epochs <n>', 'epochs of the linear evaluation, 0 for none', wholeNumber)
    .option('--set <option=value...>', "one of the method's options, for example --set topK=1 mixing=norm1");
}

/** Options for a part of a dataset: the same ones choose the same images in every command. */
export function addImageOptions(command: Command): Command {
  return command
    .option(
      '--limit <n>',
      'at most n training, n test and (STL-10) n unlabeled images, where no other option says how many',
      wholeNumber,
    )
    .option('--per-class <n>', 'n labeled training images of each class', wholeNumber)
    .option('--train <n>', 'training images, equally many of each class as far as it has them', wholeNumber)
    .option('--test <n>', 'test images, likewise', wholeNumber)
    .option('--unlabeled <n>', 'unlabeled images to pretrain on too (STL-10), 0 for none', wholeNumber)
    .option('--subset-seed <n>', 'seed of the choice of these images (default: 1339)', seedNumber)
    .option(
      '--image-size <n>',
      'of a folder of images: pixels of their shorter side (default: 64)',
      positiveNumber,
    )
    .option(
      '--test-share <x>',
      'of a folder without test images: share of each class to test on (default: 0.2)',
      shareNumber,
    )
    .option('--skip-broken', 'of a folder of images: leave out those that cannot be used');
}

/** What `addImageOptions` yields. */
export interface ImageOptions {
  limit?: number;
  perClass?: number;
  train?: number;
  test?: number;
  unlabeled?: number;
  subsetSeed?: number;
  imageSize?: number;
  testShare?: number;
  skipBroken?: boolean;
}

/** The part of a dataset that the command line asks for. */
export function imagesOf(given: ImageOptions): ImageChoice {
  const { limit, perClass, train, test, unlabeled, subsetSeed: seed, imageSize: size } = given;
  const { testShare, skipBroken } = given;
  return present({ limit, perClass, train, test, unlabeled, seed, size, testShare, skipBroken });
}

/** What `addSettingOptions` yields. */
export interface SettingOptions extends ImageOptions {
  epochs?: number;
  batchSize?: number;
  lr?: number;
  warmupEpochs?: number;
  width?: number;
  bnSplits?: number;
  knnK?: number;
  linearEpochs?: number;
  set?: string[];
}

/** The part of a run's settings that the command line gives. */
export function settingsOf(given: SettingOptions): Pick<PresetOptions, 'options' | 'override'> {
  const { epochs, batchSize, lr: baseLr, warmupEpochs, width, bnSplits, knnK, linearEpochs } = given;
  return {
    options: Object.fromEntries((given.set ?? []).map(assignment)),
    override: {
      images: imagesOf(given),
      model: present({ width, bnSplits }),
      training: present({ epochs, batchSize, baseLr, warmupEpochs }),
      evaluation: present({
        knnK,
        linear: linearEpochs === undefined ? undefined : { epochs: linearEpochs },
      }),
    },
  };
}

function present<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function assignment(text: string): [string, string | number | boolean] {
  const [name, ...rest] = text.split('=');
  const value = rest.join('=');
  if (!name || rest.length === 0)
    throw new InvalidArgumentError(`'${text}' is not of the form option=value.`);
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, value !== '' && Number.isFinite(Number(value)) ? Number(value) : value];
}

/** For commander: a whole number from 0 on. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('It has to be a whole number, 0 or more.');
  return value;
}

/** For commander: a whole number from 1 on. */
export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value < 1) throw new InvalidArgumentError('It has to be a whole number, 1 or more.');
  return value;
}

/** For commander: a seed, any whole number. */
export function seedNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value))
    throw new InvalidArgumentError('It has to be a whole number.');
  return value;
}

/** For commander: a share from 0 to below 1. */
function shareNumber(text: string): number {
  const value = realNumber(text);
  if (value < 0 || value >= 1) throw new InvalidArgumentError('It has to be from 0 to below 1, such as 0.2.');
  return value;
}

function realNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It has to be a number.');
  return value;
}

/**
 * The names in a list with commas between.
 * @throws UserError that names the flag, where there is nothing before, between or after the commas.
 */
export function namesOf(flag: string, text: string): string[] {
  const names = text.split(',').map((part) => part.trim());
  if (names.includes(''))
    throw new UserError(`${flag} '${text}' has an empty name: give names with single commas between.`);
  return names;
}

/**
 * A name such as y.jpg is meant as a file, and would become a folder of that name.
 * @param files what the option says of files.
 * @throws UserError for the name of a file, unless there is such a folder.
 */
export function checkFolderName(option: string, name: string, files: string): void {
  const looksLikeFile = /\.(jpe?g|png|gif|webp|tiff?|bmp|svg|pdf|e?ps|emf|html?|json|csv|txt|md|tex)$/i.test(
    name,
  );
  if (!looksLikeFile || statSync(name, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new UserError(`${option} ${name} is the name of a file. ${files}; a folder of that name ends in /.`);
}
