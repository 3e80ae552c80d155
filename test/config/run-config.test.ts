import assert from 'node:assert/strict';
import { parseRunConfig } from '../../lib/config/run-config';
import { UserError } from '../../lib/core/errors';
import { tinyConfig } from '../training/tiny-run';

/** The tiny configuration with the value at a path such as `training.epochs` replaced. */
function changed(path: string, value: unknown): unknown {
  const config = structuredClone(tinyConfig()) as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop()!;
  const owner = keys.reduce((part, key) => part[key] as Record<string, unknown>, config);
  if (value === undefined) delete owner[last];
  else owner[last] = value;
  return config;
}

function refuses(value: unknown, ...patterns: RegExp[]): void {
  assert.throws(
    () => parseRunConfig(value),
    (error: Error) => {
      assert.ok(error instanceof UserError, error.stack);
      for (const pattern of patterns) assert.match(error.message, pattern);
      return true;
    },
  );
}

describe('Run configuration', () => {
  it('comes through its check as it was', () => {
    assert.deepEqual(parseRunConfig(tinyConfig()), tinyConfig());
  });

  const wrong: [path: string, value: unknown][] = [
    ['method', 7],
    ['options.topK', null],
    ['dataset', undefined],
    ['images.train', 0],
    ['images.size', 16.5],
    ['preset', undefined],
    ['seed', 'one'],
    ['seed', NaN],
    ['model.width', 0],
    ['model.maxPool', 'yes'],
    ['model.bnSplits', -2],
    ['model.hidden', undefined],
    ['model.dim', 1.5],
    ['training.epochs', -1],
    ['training.batchSize', 0],
    ['training.baseLr', -0.1],
    ['training.baseLr', NaN],
    ['training.warmupEpochs', 0.5],
    ['training.sgdMomentum', 1.5],
    ['training.weightDecay', -1],
    ['training.cropSize', undefined],
    ['evaluation.knnK', 0],
    ['evaluation.knnTemperature', 0],
    ['evaluation.knnEvery', 0],
    ['evaluation.linear.epochs', -1],
    ['evaluation.linear.batchSize', 0],
    ['evaluation.linear.lr', 0],
    ['evaluation.linear.milestones', [0]],
  ];
  for (const [path, value] of wrong) {
    it(`names ${path} when it is ${value === undefined ? 'missing' : value}`, () => {
      refuses(changed(path, value), /run configuration is wrong/, new RegExp(`at ${path}`));
    });
  }

  it('names fields that it does not know', () => {
    refuses(changed('training.learningRate', 1), /"learningRate"/, /at training/);
    refuses(changed('color', 'red'), /"color"/);
  });

  it('names all that is wrong at once', () => {
    refuses({ ...tinyConfig(), seed: 0.5, method: 1 }, /at method/, /at seed/);
    refuses(undefined, /expected object/);
  });

  it('wants a batch that splits into equal parts', () => {
    refuses(
      changed('model.bnSplits', 4),
      /training\.batchSize 10 is not divisible by model\.bnSplits 4/,
      /--batch-size or --bn-splits/,
    );
  });
});
