import type { RunConfig } from '../training/config';
import { presetConfig } from '../training/presets';
import type { PaperScale } from './scale';

/** Pictures the paper pretrains and tests on, by dataset. */
const paperImages: Record<string, PaperScale['images']> = {
  cifar10: { trainImages: 50_000, testImages: 10_000 },
  cifar100: { trainImages: 50_000, testImages: 10_000 },
  stl10: { trainImages: 105_000, testImages: 8_000 },
  'tiny-imagenet': { trainImages: 100_000, testImages: 10_000 },
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
  const images = paperImages[dataset];
  return images ? { config: presetConfig({ preset: 'paper', method, dataset, options }), images } : null;
}
