import { isDeepStrictEqual } from 'node:util';
import type { RunConfig } from '../config/run-config';
import { listMethods, methodOptions } from '../methods';
import { isPaperDataset, paperSettings, presetOf } from '../presets';
import { loadPublished, type PublishedNumber } from './published';

/**
 * The sources in the order in which a number is taken from them: first the code that the kit follows, then the
 * authors' older tables, last a sibling paper's. The authors' own README has MSF from before the fix.
 */
const preferred = [
  'benchmark-readme',
  'mnn-readme',
  'mnn-readme-2023-11-04',
  'benchmark-readme-before-fix',
  'mnn-readme-2023-11-02',
  'msvq',
];

/** Options that a method's numbers were made with, where the kit's own for the method are others. */
const madeWith: Record<string, RunConfig['options']> = { mnn: { mixing: 'norm1' } };

export interface PublishedOptions {
  /** Default: those of the project. */
  published?: readonly PublishedNumber[];
  /** Only numbers made with these very options, where something is shown beside them that tells them apart. */
  exact?: boolean;
}

/**
 * Every published number of a method with these options on a dataset, the one that counts first. A method's
 * numbers stand for the kit's own options for it too, though MNN's were made with another mixing; other options
 * have none.
 * @param run its options as far as they are not the paper's on the dataset.
 */
export function publishedFor(
  { method, dataset, options }: Pick<RunConfig, 'method' | 'dataset' | 'options'>,
  metric: string,
  { published = loadPublished(), exact = false }: PublishedOptions = {},
): PublishedNumber[] {
  if (!isPaperDataset(dataset) || !listMethods().some(({ name }) => name === method)) return [];
  const own = paperSettings(method, dataset).options;
  const rank = ({ sourceName }: PublishedNumber) =>
    preferred.includes(sourceName) ? preferred.indexOf(sourceName) : preferred.length;
  const hasOptions = ({ variant }: PublishedNumber) => {
    const named = variant === undefined ? own : { ...own, topK: Number(variant.replace('k=', '')) };
    const made = { ...named, ...madeWith[method] };
    return (exact ? [made] : [made, named]).some((numbers) =>
      isDeepStrictEqual({ ...own, ...options }, numbers),
    );
  };
  return published
    .filter((number) => number.method === method && number.dataset === dataset && number.metric === metric)
    .filter(hasOptions)
    .sort((a, b) => rank(a) - rank(b));
}

/** The same of a run of any preset: what is the preset's own for the dataset stands for the paper's. */
export function publishedForRun(
  config: RunConfig,
  metric: string,
  lookup: PublishedOptions = {},
): PublishedNumber[] {
  const own = presetOf(config)?.options ?? {};
  const others = Object.entries(config.options).filter(([name, value]) => value !== own[name]);
  return publishedFor({ ...config, options: Object.fromEntries(others) }, metric, lookup);
}

/** Says which published numbers of a method were made with options that these are not; empty where none was. */
export function publishedDifferences({ method, options }: Pick<RunConfig, 'method' | 'options'>): string[] {
  const run = methodOptions(method, options);
  const others = Object.entries(madeWith[method] ?? {}).filter(([name, value]) => run[name] !== value);
  return others.map(
    ([name, value]) =>
      `The published numbers of method ${method} were made by older code, with ${name} ${value} and the two ` +
      `directions in the other order; this kit's are with ${name} ${run[name]}.`,
  );
}
