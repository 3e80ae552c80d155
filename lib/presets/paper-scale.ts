import type { RunConfig } from '../config/run-config';
import { listMethods } from '../methods';
import { isPaperDataset, type PaperDataset } from './paper-settings';
import { type PresetName, presetConfig, presetNames } from './presets';
import type { ImageCounts, PaperScale } from './scale';

/** The pictures of one of the paper's datasets. */
export interface PaperImages extends ImageCounts {
  /** Training pictures that have a label: those that evaluations learn from. */
  labelledImages: number;
  /** Height and width as they are stored. */
  size: number;
  classes: number;
}

export const paperImages: Record<PaperDataset, PaperImages> = {
  cifar10: { trainImages: 50_000, testImages: 10_000, labelledImages: 50_000, size: 32, classes: 10 },
  cifar100: { trainImages: 50_000, testImages: 10_000, labelledImages: 50_000, size: 32, classes: 100 },
  stl10: { trainImages: 105_000, testImages: 8_000, labelledImages: 5_000, size: 96, classes: 10 },
  'tiny-imagenet': {
    trainImages: 100_000,
    testImages: 10_000,
    labelledImages: 100_000,
    size: 64,
    classes: 200,
  },
};

/**
 * What a run of a method on a dataset is measured against; null for a dataset that the paper does not use.
 * @param options the method's own settings where an experiment of the paper changes them, such as its memory.
 */
export function paperScale({
  method,
  dataset,
  options = {},
}: Pick<RunConfig, 'method' | 'dataset'> & { options?: RunConfig['options'] }): PaperScale | null {
  if (!isPaperDataset(dataset)) return null;
  return {
    config: presetConfig({ preset: 'paper', method, dataset, options }),
    images: paperImages[dataset],
  };
}

/** What a run would be without settings of its own; null where its method or preset is not known here. */
export function presetOf({ preset, method, dataset }: RunConfig): RunConfig | null {
  const known =
    presetNames.includes(preset as PresetName) &&
    (preset !== 'paper' || isPaperDataset(dataset)) &&
    listMethods().some(({ name }) => name === method);
  return known ? presetConfig({ preset, method, dataset }) : null;
}
