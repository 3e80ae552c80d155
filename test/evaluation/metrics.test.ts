import assert from 'node:assert/strict';
import { accuracyOf, predictedClasses, topKAccuracy } from '../../lib/evaluation';
import { golden } from '../golden';

const accuracy = (scores: number[], targets: number[], classes: number, k: number) =>
  topKAccuracy(Float64Array.from(scores), Int32Array.from(targets), classes, k);

const predictions = (scores: number[], classes: number) => [
  ...predictedClasses(Float64Array.from(scores), classes),
];

describe('predictedClasses', () => {
  it('is the class of the highest score, of equal ones the lowest', () => {
    assert.deepEqual(predictions([1, 3, 2, 5, 5, 0], 3), [1, 0]);
  });

  it('is no class if a score is not a number', () => {
    assert.deepEqual(predictions([1, NaN, 0, NaN, 2, 3, 0, 1, 2], 3), [-1, -1, 2]);
  });

  it('has the top-1 accuracy', () => {
    const { logits, targets, top1_percent } = golden('accuracy');
    const predicted = predictedClasses(Float64Array.from(logits.data), 10);
    assert.equal(accuracyOf(predicted, Int32Array.from(targets.data)), top1_percent);
  });
});

describe('Top-k accuracy', () => {
  it("agrees with the authors' function", () => {
    const { logits, targets, top1_percent, top5_percent } = golden('accuracy');
    assert.equal(accuracy(logits.data, targets.data, 10, 1), top1_percent);
    assert.equal(accuracy(logits.data, targets.data, 10, 5), top5_percent);
  });

  it('is in percent of the rows', () => {
    assert.equal(accuracy([3, 1, 2, 1, 3, 2, 1, 2, 3], [0, 1, 0], 3, 1), (100 * 2) / 3);
  });

  it('takes the lower class first where scores are equal', () => {
    assert.equal(accuracy([1, 1, 0], [0], 3, 1), 100);
    assert.equal(accuracy([1, 1, 0], [1], 3, 1), 0);
    assert.equal(accuracy([1, 1, 0], [1], 3, 2), 100);
  });

  it('counts everyone as right when k is the number of classes', () => {
    assert.equal(accuracy([1, 2, 3, 3, 2, 1], [0, 2], 3, 3), 100);
  });

  it('counts scores that are no numbers as wrong', () => {
    assert.equal(accuracy([NaN, NaN, NaN], [0], 3, 1), 0);
    assert.equal(accuracy([1, NaN, 0], [0], 3, 1), 0);
  });
});
