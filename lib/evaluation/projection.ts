import { UserError, unknownName } from '../core/errors';
import { randomStream } from '../core/random';
import { tsne } from './tsne';

export const projections = ['tsne', 'umap'] as const;
export type Projection = (typeof projections)[number];

export interface ProjectionOptions {
  /** Default tsne, as in the paper. */
  method?: Projection;
  /** The same seed gives the same image. Default 0. */
  seed?: number;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Places rows of features in the plane, so that neighbors stay neighbors: t-SNE with perplexity 30, or UMAP with
 * 15 neighbors, their authors' defaults. Fewer points than that asks for get a smaller neighborhood.
 * @param rows [count, features], row after row.
 * @returns [count, 2], row after row.
 * @throws UserError for fewer than 4 points, or features that are no finite numbers.
 */
export async function project(
  rows: ArrayLike<number>,
  count: number,
  { method = 'tsne', seed = 0, onProgress }: ProjectionOptions = {},
): Promise<Float64Array> {
  if (!projections.includes(method)) throw unknownName('projection', method, projections);
  if (count < 4) throw new UserError(`A projection needs at least 4 points, these are ${count}: give more.`);
  for (let i = 0; i < rows.length; i++) {
    if (Number.isFinite(rows[i])) continue;
    const row = Math.floor((i * count) / rows.length);
    throw new UserError(
      `Row ${row} of the features holds ${rows[i]}: only finite numbers have a place in a plane.`,
    );
  }
  if (method === 'umap') return umap(rows, count, seed, onProgress);
  const perplexity = Math.min(30, (count - 1) / 3);
  return (await tsne(rows, count, { seed, perplexity, onProgress })).points;
}

async function umap(
  rows: ArrayLike<number>,
  count: number,
  seed: number,
  onProgress: ProjectionOptions['onProgress'],
): Promise<Float64Array> {
  const { UMAP } = await import('umap-js');
  const random = randomStream(seed, 'projection');
  const umap = new UMAP({ nNeighbors: Math.min(15, count - 1), random: () => random.uniform() });
  const length = rows.length / count;
  const vectors = Array.from({ length: count }, (_, i) =>
    Array.from({ length }, (_, feature) => rows[i * length + feature]),
  );
  const epochs = umap.initializeFit(vectors);
  for (let epoch = 1; epoch <= epochs; epoch++) {
    umap.step();
    if (epoch % 10 > 0) continue;
    onProgress?.(epoch, epochs);
    await new Promise(setImmediate);
  }
  return Float64Array.from(umap.getEmbedding().flat());
}
