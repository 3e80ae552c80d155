import { join, relative } from 'node:path';
import { Command } from 'commander';
import type { RunConfig } from '../../config/run-config';
import { UserError } from '../../core/errors';
import { figuresFolder } from '../../core/paths';
import { formatTable } from '../../core/table';
import { dataFolder, datasetName, datasetTable, findDataset, findRegistered } from '../../data';
import {
  datasetSamples,
  datasetViews,
  type FigureFormat,
  type SampleOptions,
  saveFigure,
  type ViewOptions,
} from '../../figures';
import { chosenImages } from '../../presets';
import { addMethodOptions, loadMethods } from '../load-methods';
import {
  addImageOptions,
  checkFolderName,
  type ImageOptions,
  imagesOf,
  namesOf,
  positiveNumber,
  seedNumber,
  wholeNumber,
} from '../options';
import { readDataset } from '../run';

interface Given extends ImageOptions, SampleOptions, Pick<ViewOptions, 'image'> {
  out?: string;
  format?: FigureFormat[];
  data?: string;
  load?: string[];
}

/** `mnn data show`: what a dataset holds, some of its images, and the views of one of them. */
export function dataShowCommand(): Command {
  const command = new Command('show')
    .description('say what a dataset holds, and draw some of its images and the views of one of them')
    .argument('<dataset>', 'see mnn data list, or a folder of your own images')
    .option(
      '--classes <n or names>',
      'classes that are shown: a number, or names with commas between',
      classes,
      10,
    )
    .option('--columns <n>', 'images of each class, and views of each kind', positiveNumber, 8)
    .option('--image <n>', 'number of the training image whose views are shown (default: drawn)', wholeNumber)
    .option('--seed <n>', 'seed of what is drawn (default: 1339)', seedNumber)
    .option('--out <folder>', 'folder for the two figures (default: results/figures)')
    .option('--format <names>', 'svg, png, pdf, vl.json (default: png)', (text) => namesOf('--format', text))
    .option('--data <folder>', 'folder with the datasets, or with one of them (default: data)');
  addImageOptions(addMethodOptions(command)).addHelpText(
    'after',
    `
The options that choose images mean what they mean in mnn pretrain. Without them all of the dataset is shown, where
a run takes as many images as its preset says.

Examples:
  mnn data show patterns10
  mnn data show cifar10 --seed 2 --image 17
  mnn data show cifar100 --classes fox,wolf,lion --columns 12 --format png,pdf
  mnn data show stl10 --per-class 50 --unlabeled 1000
  mnn data show ./photos --image-size 96
  mnn data show stripes --load notebooks/own-dataset/stripes.ts`,
  );
  return command.action(async (name: string, given: Given) => {
    loadMethods(given.load);
    if (given.out !== undefined) checkFolderName('--out', given.out, 'Two figures are written to a folder');
    const images = chosenImages(name, ownImages(name), imagesOf(given));
    const { source, train, isFolder } = findRegistered(name);
    if (!isFolder) checkImage(given.image, images.train ?? train);
    const dataset = await readDataset({ dataset: name, images }, given.data);
    const folder = source && findDataset(source, dataFolder(given.data));
    console.log(`${datasetName(name)} (${name})\n${formatTable(datasetTable(dataset, folder), 'text')}\n`);
    const figures = {
      samples: await datasetSamples(dataset, given),
      views: await datasetViews(dataset, given),
    };
    for (const [what, spec] of Object.entries(figures)) {
      const files = await saveFigure(
        spec,
        join(given.out ?? figuresFolder, `${isFolder ? datasetName(name) : name}-${what}`),
        {
          formats: given.format ?? ['png'],
          warn: console.error,
        },
      );
      for (const file of files) console.log(relative(process.cwd(), file));
    }
  });
}

/** The images that a dataset has where nothing else is asked for; none are named of one that is read as it is. */
function ownImages(name: string): RunConfig['images'] {
  const known = findRegistered(name);
  return known.drawn ? { train: known.train, test: known.test } : {};
}

/** Finds out before a large dataset is read; of a smaller copy the views say it themselves. */
function checkImage(image = 0, count = Infinity): void {
  if (image < count) return;
  throw new UserError(`There is no training image ${image}: give --image a number from 0 to ${count - 1}.`);
}

/** For commander: a number of classes, or their names. */
function classes(text: string): number | string[] {
  return /^\d+$/.test(text) ? positiveNumber(text) : namesOf('--classes', text);
}
