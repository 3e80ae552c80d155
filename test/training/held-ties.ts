import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { normalize } from '../../lib/engine';
import { currentEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import { MemoryBank } from '../../lib/methods/memory-bank';

/*
 * Of a sample whose Kth and K+1st neighbor are almost equally similar, rounding decides which of the two is taken, and
 * with it where the step ends. So the replay in double precision (end-to-end-double.test.ts) records the samples whose
 * cosines of ranks K and K+1 are nearer than `near`, with the slots that they take, and in float32 those, and no others,
 * take these slots.
 */

/** As near as rounding never brings two cosines in float32. */
const near = 1e-4;
/** In float32 a recorded tie may be as wide as this: a wider one is an error. */
const widest = 2e-4;

/** The near ties of a step: for every search, in their order, the slots of each row that has one. */
export type NearTies = Record<number, number[]>[];

const file = join(__dirname, 'held-ties.json');

/** The near ties of every step of every run, as the replay in double precision found them. */
export function heldTies(): Record<string, NearTies[]> {
  return JSON.parse(readFileSync(file, 'utf8'));
}

export function writeHeldTies(runs: Record<string, NearTies[]>): void {
  writeFileSync(file, `${JSON.stringify(runs)}\n`);
}

/** A search of the bank: its own slots [batch, K], and the cosines and slots of ranks 1 to K + 1. */
interface Search {
  own: Tensor2D;
  values: Tensor2D;
  indices: Tensor2D;
}

/** Runs a step in which `choose` says which slots a search takes; reads the cosines of all searches afterwards. */
async function withSearches<T>(
  choose: (search: Search, index: number) => Tensor2D,
  step: () => Promise<T>,
): Promise<{ result: T; searches: { gaps: number[]; slots: number[][] }[] }> {
  const { nearest } = MemoryBank.prototype;
  const kept: Pick<Search, 'values' | 'indices'>[] = [];
  MemoryBank.prototype.nearest = function (keys, topK) {
    const own = nearest.call(this, keys, topK);
    const cosines = currentEngine().kernels.matMul(normalize(keys), this.unitKeys(), false, true);
    const ranked = tf.topk(cosines, Math.min(topK + 1, this.size));
    const [values, indices] = [ranked.values, ranked.indices].map(
      (tensor: Tensor) => tf.keep(tensor) as Tensor2D,
    );
    kept.push({ values, indices });
    return choose({ own, values, indices }, kept.length - 1);
  };
  try {
    const result = await step();
    const searches = await Promise.all(
      kept.map(async ({ values, indices }) => {
        const [cosines, slots] = [await values.array(), await indices.array()];
        // A bank that is taken whole has no next rank.
        return { gaps: cosines.map((row) => row.at(-2)! - row.at(-1)!), slots };
      }),
    );
    return { result, searches };
  } finally {
    MemoryBank.prototype.nearest = nearest;
    for (const search of kept) tf.dispose([search.values, search.indices]);
  }
}

/** Runs a step and tells which of its searches have near ties. */
export async function recordNearTies<T>(step: () => Promise<T>): Promise<{ result: T; ties: NearTies }> {
  const { result, searches } = await withSearches(({ own }) => own, step);
  const ties = searches.map(({ gaps, slots }) =>
    Object.fromEntries(
      gaps.flatMap((gap, row) => (gap < near ? [[row, slots[row].slice(0, -1)] as const] : [])),
    ),
  );
  return { result, ties };
}

/**
 * Runs a step in which the recorded samples take their recorded slots.
 * @throws AssertionError if one of them has no near tie here.
 */
export async function holdingTies<T>(ties: NearTies, step: () => Promise<T>): Promise<T> {
  const choose = ({ own }: Search, index: number) => held(own, ties[index] ?? {});
  const { result, searches } = await withSearches(choose, step);
  assert.equal(searches.length, ties.length, 'the step searches as often as the recorded one');
  searches.forEach(({ gaps }, index) => {
    for (const row of Object.keys(ties[index]).map(Number)) {
      const gap = gaps[row];
      assert.ok(
        gap <= widest,
        `search ${index}: the tie of sample ${row} is ${gap} wide, more than ${widest}`,
      );
    }
  });
  return result;
}

/** The slots of a search, with those of some rows replaced. */
function held(own: Tensor2D, rows: Record<number, number[]>): Tensor2D {
  const entries = Object.entries(rows);
  if (entries.length === 0) return own;
  const batch = own.shape[0];
  const values = Array.from({ length: batch }, (_, row) => rows[row] ?? Array(own.shape[1]).fill(0));
  const mask = tf.tensor2d(
    Array.from({ length: batch }, (_, row) => [row in rows]),
    [batch, 1],
    'bool',
  );
  return tf.where(tf.tile(mask, [1, own.shape[1]]), tf.tensor2d(values, own.shape, 'int32'), own) as Tensor2D;
}
