import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { normalize } from '../../lib/engine';
import { tf } from '../../lib/engine/tf';
import { MemoryBank } from '../../lib/methods/memory-bank';
import { type AuthorsRun, firstStep, gradientsOf, type Held, mnnRuns, summaryOf } from './end-to-end';

/** A step of MNN in which a sample's neighbors of ranks K and K + 1 tie, as double precision computes it. */
interface NearTieFixture {
  bankKeys: Record<number, number[]>;
  loss: number;
  purity: number | null;
  gradients: AuthorsRun['gradients'];
  held: Held;
  /** The slot of rank K + 1. */
  other: number;
}

const file = join(__dirname, 'near-tie.json');
const authorsRun = () => mnnRuns()[1];
const sample = 3;
/** How much less similar the neighbor of rank K + 1 is: float32 cannot tell. */
const gap = 5e-7;

export function nearTie(): NearTieFixture {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** The first step of one of the authors' runs, with a bank in which two neighbors tie. */
export function nearTieRun({ bankKeys, loss, purity, gradients, held }: NearTieFixture): AuthorsRun {
  const run = authorsRun();
  const steps = [{ ...run.steps[0], loss, purity }];
  return {
    ...run,
    title: 'a near tie',
    steps,
    gradients,
    final: {},
    finalFeatures: undefined,
    bankKeys,
    held,
  };
}

/** Makes the fixture; to be run in double precision. */
export async function writeNearTie(): Promise<void> {
  const { key, slots, keys } = await firstSearch(authorsRun());
  const [last, other] = slots.slice(-2);
  // Mirrored at the query, the key of rank K is as similar to it, and points elsewhere.
  const cosine = key.reduce((sum, value, i) => sum + value * keys[last][i], 0);
  const tilt = gap / (1 - cosine ** 2);
  const mirrored = key.map((value, i) => (2 * cosine - tilt) * value - keys[last][i]);
  const run = { ...authorsRun(), bankKeys: { [other]: mirrored } };
  const { result, relus, ties } = await firstStep(run);
  const gradient = await gradientsOf(run, false);
  const gradients: AuthorsRun['gradients'] = {};
  for (const name of Object.keys(mnnRuns()[0].gradients)) gradients[name] = await summaryOf(gradient(name));
  const { loss, purity } = result;
  const held = { relus: [relus], ties: [ties] };
  const fixture: NearTieFixture = { bankKeys: run.bankKeys, loss, purity, gradients, held, other };
  writeFileSync(file, `${JSON.stringify(fixture)}\n`);
}

/** Of the first search of a run: the sample's key, the slots of ranks 1 to K + 1, and the bank's keys, all unit vectors. */
async function firstSearch(run: AuthorsRun) {
  const { nearest } = MemoryBank.prototype;
  const found: { key: number[]; slots: number[]; keys: number[][] }[] = [];
  MemoryBank.prototype.nearest = function (keys, topK) {
    const [units, own] = [normalize(keys), nearest.call(this, keys, topK + 1)];
    found.push({
      key: (units.arraySync() as number[][])[sample],
      slots: (own.arraySync() as number[][])[sample],
      keys: this.unitKeys().arraySync() as number[][],
    });
    return tf.slice(own, [0, 0], [-1, topK]) as Tensor2D;
  };
  try {
    await firstStep(run);
  } finally {
    MemoryBank.prototype.nearest = nearest;
  }
  return found[0];
}
