import assert from 'node:assert/strict';
import { conclusions } from '../../lib/paper';
import type { RunRecord } from '../../lib/results';
import { sampleRecord } from '../results/sample-record';

/** Runs of a method with these k-NN accuracies, one for each seed, on 400 test images of which pixels get 38 %. */
function runs(method: string, ...accuracies: number[]): RunRecord[] {
  return accuracies.map((knnTop1, seed) => {
    const record = sampleRecord(method, knnTop1, seed);
    record.config.training.epochs = method === 'untrained' ? 0 : 5;
    record.dataset.testImages = 400;
    Object.assign(record.metrics, { rawPixelKnnTop1: 38, rawPixelLinearTop1: 30, linearTop1: null });
    return record;
  });
}

describe('What a comparison shows, in words', () => {
  const knn = (...records: RunRecord[][]) => conclusions(records.flat())[0];

  it('is the accuracies, what learned, and that one seed does not rank two methods', () => {
    assert.equal(
      knn(runs('msf', 55), runs('mnn', 61), runs('untrained', 21)),
      'k-NN: MNN 61 %, MSF 55 %, untrained 21 %, raw pixels 38 %. ' +
        'MNN and MSF are above the untrained network and raw pixels. ' +
        'MNN is 6.0 points above MSF. One seed does not rank them.',
    );
  });

  it('does not say that MNN is better where it is not', () => {
    const text = knn(runs('mnn', 55), runs('msf', 61));
    assert.match(text, /^k-NN: MSF 61 %, MNN 55 %/);
    assert.match(text, /MSF is 6\.0 points above MNN\. One seed does not rank them/);
  });

  it('says of each method what it is above, by more than two standard errors of 400 images', () => {
    const text = knn(runs('mnn', 46), runs('msf', 40), runs('byol', 22), runs('untrained', 21));
    assert.match(text, /MNN is above the untrained network and raw pixels\./);
    assert.match(text, /MSF is above the untrained network\./);
    assert.match(text, /BYOL is not clearly above the untrained network or raw pixels\./);
  });

  it('ranks two methods only if one is better with every one of three seeds', () => {
    const apart = knn(runs('mnn', 61, 60, 62), runs('msf', 55, 56, 57));
    assert.match(apart, /MNN is 5\.0 points above MSF, above it with every one of 3 seeds\.$/);
    const mixed = knn(runs('mnn', 61, 56, 62), runs('msf', 55, 56, 57));
    assert.match(mixed, /MNN is 3\.7 points above MSF, within the spread of 3 seeds: no ranking\.$/);
    assert.match(knn(runs('mnn', 61, 60), runs('msf', 55, 56)), /2 seeds do not rank them/);
  });

  it('has a line for the linear evaluation too, against the linear classifier on raw pixels', () => {
    const records = [...runs('mnn', 61), ...runs('untrained', 21)];
    for (const { metrics } of records) metrics.linearTop1 = 33;
    assert.equal(
      conclusions(records)[1],
      'Linear: MNN 33 %, untrained 33 %, raw pixels 30 %. MNN is not clearly above the untrained network or raw pixels.',
    );
  });

  it('is nothing where nothing was trained', () => {
    assert.deepEqual(conclusions(runs('untrained', 21)), []);
  });
});
