import assert from 'node:assert/strict';
import { parseRunConfig, type RunConfig } from '../../lib/config/run-config';
import { type DatasetInMemory, shapes10 } from '../../lib/data';
import { methodOptions } from '../../lib/methods';
import type { PresetOptions } from '../../lib/presets/presets';
import { presetConfig } from '../../lib/presets/presets';

/** Images for runs that take a second. */
export function tinyDataset(): DatasetInMemory {
  return shapes10({ train: 30, test: 20, size: 16 });
}

/** A run of a second: 2 epochs of 3 steps, the smallest network that has every part. */
export function tinyConfig(method = 'mnn', override: PresetOptions['override'] = {}): RunConfig {
  const epochs = method === 'untrained' ? 0 : 2;
  return parseRunConfig({
    ...presetConfig({
      preset: 'quick',
      dataset: 'shapes10',
      method,
      options: tinyOptions(method),
      override: {
        images: { train: 30, test: 20, size: 16, ...override.images },
        model: { width: 4, bnSplits: 2, hidden: 16, dim: 8, ...override.model },
        training: { epochs, batchSize: 10, baseLr: 0.06, warmupEpochs: 1, ...override.training },
        evaluation: {
          knnK: 5,
          ...override.evaluation,
          linear: { epochs: 2, batchSize: 16, milestones: [1], ...override.evaluation?.linear },
        },
      },
    }),
  });
}

/** A small bank and few neighbors for the methods that have them; BYOL's topK of 0 says that it has none. */
function tinyOptions(method: string): RunConfig['options'] {
  const known = methodOptions(method, {});
  return Object.fromEntries(Object.entries({ memoryBank: 24, topK: 2 }).filter(([name]) => known[name]));
}

/** The promise's error, which must be of the class, with a message that matches every pattern. */
export async function failure(
  promise: Promise<unknown>,
  kind: new (...args: never[]) => Error,
  ...patterns: RegExp[]
): Promise<Error> {
  const error = await promise.then(
    () => assert.fail('it did not fail'),
    (error: Error) => error,
  );
  assert.ok(error instanceof kind, error.stack);
  for (const pattern of patterns) assert.match(error.message, pattern);
  return error;
}
