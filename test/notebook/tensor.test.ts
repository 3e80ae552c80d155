import assert from 'node:assert/strict';
import { startEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import { displayTensor } from '../../lib/notebook';
import { printed, shownInNotebook } from './in-notebook';

describe('A tensor in a cell', () => {
  before(() => startEngine({ engine: 'cpu' }));

  it('shows shape, type, statistics of the finite values, and the first rows', async () => {
    const tensor = tf.tensor2d([
      [1, 2.5, Number.NaN],
      [4, -5, 6],
    ]);
    const [{ data }] = await shownInNotebook(() => displayTensor(tensor, '<x>'));
    assert.equal(
      data['text/plain'],
      [
        '<x>: float32 [2, 3]',
        'min -5, max 6, mean 1.7, std 3.736, 1 of 6 values are NaN or infinite',
        '[1, 2.5, NaN]',
        '[4, -5, 6]',
      ].join('\n'),
    );
    assert.match(String(data['text/html']), /^<b>&#60;x&#62;: float32/);
  });

  const shown: [string, () => Parameters<typeof displayTensor>[0], string][] = [
    ['a scalar', () => tf.scalar(2), 'tensor: float32 []\nmin 2, max 2, mean 2, std 0\n[2]'],
    ['one without values', () => tf.zeros([0, 3]), 'tensor: float32 [0, 3]\n'],
    ['texts', () => tf.tensor1d(['a', 'b']), 'tensor: string [2]\n[a, b]'],
    [
      'what is too wide and too long, cut',
      () => tf.ones([2, 3, 8], 'int32'),
      `tensor: int32 [2, 3, 8]\nmin 1, max 1, mean 1, std 0\n${'[1, 1, 1, 1, 1, 1, …]\n'.repeat(4)}…`,
    ],
  ];
  for (const [what, tensor, text] of shown) {
    it(`shows ${what}`, async () => {
      assert.equal((await printed(() => displayTensor(tensor()))).trim(), text.trim());
    });
  }
});
