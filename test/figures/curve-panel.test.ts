import assert from 'node:assert/strict';
import { placeLabels } from '../../lib/figures/curve-panel';

describe('places of labels', () => {
  it('stay where they are when they are far enough apart', () => {
    assert.deepEqual(placeLabels([0.9, 0.1, 0.5], 0.2, 0, 1), [0.9, 0.1, 0.5]);
  });

  it('move apart around their common middle', () => {
    assert.deepEqual(placeLabels([4, 4, 4], 2, 0, 10), [6, 4, 2]);
  });

  it('stay within the ends', () => {
    assert.deepEqual(placeLabels([0, 0], 2, 0, 10), [2, 0]);
    assert.deepEqual(placeLabels([10, 10, 10], 2, 0, 10), [10, 8, 6]);
  });

  it('never touch, and keep the order of the values, however many they are', () => {
    const values = [5, 1, 5.1, 1.2, 9, 5.2, 1.1];
    const placed = placeLabels(values, 1, 0, 10);
    const ranked = values.map((value, i) => [value, placed[i]]).sort(([a], [b]) => a - b);
    for (let i = 1; i < ranked.length; i++) assert.ok(ranked[i][1] - ranked[i - 1][1] >= 1 - 1e-9);
  });

  it('of nothing are nothing', () => assert.deepEqual(placeLabels([], 1, 0, 1), []));
});
