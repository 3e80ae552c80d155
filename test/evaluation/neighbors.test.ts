import assert from 'node:assert/strict';
import { tf } from '../../lib/engine/tf';
import { nearestRows, neighborPurity } from '../../lib/evaluation';
import { describeEachEngine } from '../engines';

describeEachEngine('Nearest rows', () => {
  it('are the most similar by cosine, nearest first', async () => {
    const bank = tf.tensor2d([
      [10, 0],
      [0, 1],
      [1, 1],
      [-3, 0],
    ]);
    const queries = tf.tensor2d([
      [1, 0.1],
      [-0.1, 7],
    ]);
    const { k, rows, similarities } = await nearestRows(bank, queries, 2);
    assert.equal(k, 2);
    assert.deepEqual([...rows], [0, 2, 1, 2]);
    assert.ok(Math.abs(similarities[0] - 1 / Math.hypot(1, 0.1)) < 1e-5);
  });

  it('have a purity: the share of the own class', () => {
    const nearest = { k: 2, rows: Int32Array.of(0, 2, 1, 2), similarities: new Float32Array(4) };
    assert.equal(neighborPurity(nearest, Int32Array.of(5, 6, 5, 7), Int32Array.of(5, 6)), 0.75);
  });
});
