import type { RunConfig } from '../config/run-config';
import type { ViewKind } from '../methods';
import { comparedMethods, findMethod, methodOptions, viewsOf } from '../methods';

/** What the paper's comparison sets for a method on a dataset. What all methods share is in the preset. */
export interface PaperSettings {
  method: string;
  dataset: PaperDataset;
  views: ViewKind[];
  /** Whether each view is query and key in turn. */
  symmetric: boolean;
  /** Whose projection and prediction heads it has. */
  heads: string;
  /** Length of the embeddings. */
  dim: number;
  /** Every option of the method, with its value. */
  options: RunConfig['options'];
  /** Why an option's value is not known for sure, by option; such values are assumed. */
  assumed: Record<string, string>;
}

/** Options that the dataset decides, for the compared methods that have them. */
const byDataset = {
  cifar10: { teacherMomentum: 0.99, memoryBank: 4096 },
  cifar100: { teacherMomentum: 0.99, memoryBank: 4096 },
  stl10: { teacherMomentum: 0.996, memoryBank: 16384 },
  'tiny-imagenet': { teacherMomentum: 0.996, memoryBank: 16384 },
};

export type PaperDataset = keyof typeof byDataset;

/** The datasets of the paper. */
export const paperDatasets: readonly PaperDataset[] = Object.keys(byDataset) as PaperDataset[];

/** The embeddings of all methods but those named in `dims`. */
export const paperDim = 128;
const dims: Record<string, number> = { sce: 256 };
const asymmetric = ['ressl'];

const notPublished = "the authors' benchmark has no commands for STL-10; MNN's value is taken";
const byHand =
  "the authors' commands name it, but their last code can't be run with it; the paper's text is not at hand";

/**
 * The paper's settings of a method on a dataset: the authors' scripts, for the baselines those of
 * github.com/pc-cp/Benchmark-Methods-For-MNN. A method that is not in the comparison gets its own defaults.
 */
export function paperSettings(method: string, dataset: PaperDataset): PaperSettings {
  const known = methodOptions(method, {});
  const decided = Object.entries(byDataset[dataset]).filter(
    ([name]) => comparedMethods.includes(method) && name in known,
  );
  const options = methodOptions(method, Object.fromEntries(decided));
  const inEffect = decided.filter(([name]) => name !== 'memoryBank' || hasBank(options));
  return {
    method,
    dataset,
    views: viewsOf({ method, options }),
    symmetric: !asymmetric.includes(method),
    heads: findMethod(method).heads?.name ?? 'none',
    dim: dims[method] ?? paperDim,
    options,
    assumed: {
      ...(method === 'mnn' && { mixing: byHand }),
      ...(method !== 'mnn' &&
        dataset === 'stl10' &&
        Object.fromEntries(inEffect.map(([name]) => [name, notPublished]))),
    },
  };
}

/** Whether there is a memory bank: BYOL has one only with neighbors. */
export function hasBank({ memoryBank, topK }: RunConfig['options']): boolean {
  return memoryBank !== undefined && topK !== 0;
}

/** The settings of every method of the comparison on every dataset. */
export function paperSettingsTable(): PaperSettings[] {
  return comparedMethods.flatMap((method) => paperDatasets.map((dataset) => paperSettings(method, dataset)));
}

export function isPaperDataset(dataset: string): dataset is PaperDataset {
  return (paperDatasets as readonly string[]).includes(dataset);
}
