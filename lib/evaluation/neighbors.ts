import type { Tensor2D } from '@tensorflow/tfjs-core';
import { UserError } from '../core/errors';
import { currentEngine, normalize, tf } from '../engine';

/** The k nearest rows of each query, nearest first: [queries, k], row after row. */
export interface NearestRows {
  k: number;
  /** Rows of the bank. */
  rows: Int32Array;
  /** Their cosine similarities. */
  similarities: Float32Array;
}

/** Queries compared with the bank at once. */
const chunk = 256;

/**
 * The k nearest bank rows of each query, by cosine.
 * @param bank [rows, features]; @param queries [queries, features].
 * @throws UserError if there are fewer than k rows.
 */
export async function nearestRows(bank: Tensor2D, queries: Tensor2D, k: number): Promise<NearestRows> {
  checkNeighbors(k, bank.shape[0]);
  const count = queries.shape[0];
  const rows = new Int32Array(count * k);
  const similarities = new Float32Array(count * k);
  const keys = tf.tidy(() => tf.transpose(normalize(bank)) as Tensor2D);
  for (let first = 0; first < count; first += chunk) {
    const nearest = tf.tidy(() => {
      const part = normalize(tf.slice(queries, [first, 0], [Math.min(chunk, count - first), -1]));
      const { values, indices } = tf.topk(currentEngine().kernels.matMul(part, keys), k);
      return [values, indices];
    });
    const [values, indices] = await Promise.all(nearest.map((tensor) => tensor.data()));
    similarities.set(values as Float32Array, first * k);
    rows.set(indices as Int32Array, first * k);
    tf.dispose(nearest);
  }
  keys.dispose();
  return { k, rows, similarities };
}

/** @throws UserError if there are fewer than k images to search in. */
export function checkNeighbors(k: number, count: number): void {
  if (k > count) {
    throw new UserError(
      `k ${k} is more than the ${count} images to search in: give a smaller evaluation.knnK (--knn-k).`,
    );
  }
}

/**
 * The k nearest of two parts of a bank; where two are equally near, the one of the earlier part comes first.
 * @param later rows of a part whose first row is row `first` of the bank
 */
export function mergeNearest(
  earlier: NearestRows,
  later: NearestRows,
  first: number,
  k: number,
): NearestRows {
  const queries = earlier.rows.length / earlier.k;
  const kept = Math.min(k, earlier.k + later.k);
  const rows = new Int32Array(queries * kept);
  const similarities = new Float32Array(queries * kept);
  for (let query = 0; query < queries; query++) {
    let [a, b] = [query * earlier.k, query * later.k];
    const [endA, endB] = [a + earlier.k, b + later.k];
    for (let to = query * kept; to < (query + 1) * kept; to++) {
      const takeLater = a === endA || (b < endB && later.similarities[b] > earlier.similarities[a]);
      rows[to] = takeLater ? first + later.rows[b] : earlier.rows[a];
      similarities[to] = takeLater ? later.similarities[b++] : earlier.similarities[a++];
    }
  }
  return { k: kept, rows, similarities };
}

/**
 * Share of neighbors that have their query's class, from 0 to 1.
 * @param labels classes of the bank's rows; @param targets classes of the queries.
 */
export function neighborPurity({ k, rows }: NearestRows, labels: Int32Array, targets: Int32Array): number {
  let own = 0;
  rows.forEach((row, i) => {
    if (labels[row] === targets[Math.floor(i / k)]) own++;
  });
  return own / rows.length;
}
