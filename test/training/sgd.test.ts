import assert from 'node:assert/strict';
import type { Variable } from '@tensorflow/tfjs-core';
import { tf } from '../../lib/engine/tf';
import { Sgd } from '../../lib/training';
import { describeEachEngine, expectClose, tensorOf } from '../engines';
import { golden } from '../golden';

describeEachEngine('SGD', () => {
  for (const { dtype, momentum, weight_decay: weightDecay, nesterov, initial, steps } of golden('sgd').runs) {
    if (dtype !== 'float64') continue;
    it(`steps as PyTorch: momentum ${momentum}, weight decay ${weightDecay}${nesterov ? ', Nesterov' : ''}`, async () => {
      const parameter = tf.variable(tensorOf(initial));
      const optimizer = new Sgd(new Map([['w', parameter]]), { momentum, weightDecay, nesterov });
      for (const { lr, grad, param, momentum_buffer } of steps) {
        optimizer.step({ [parameter.name]: tensorOf(grad) }, lr);
        await expectClose(parameter, param, 1e-6);
        if (momentum > 0) await expectClose(optimizer.state().get('w')!, momentum_buffer, 1e-6);
      }
    });
  }

  it('gives every parameter its own gradient and momentum', async () => {
    const [a, b] = [tf.variable(tf.tensor1d([1, 2])), tf.variable(tf.scalar(5))];
    const optimizer = new Sgd(
      new Map<string, Variable>([
        ['a', a],
        ['b', b],
      ]),
      { momentum: 0.5, weightDecay: 0 },
    );
    const gradients = { [b.name]: tf.scalar(10), [a.name]: tf.tensor1d([1, -1]) };
    optimizer.step(gradients, 0.1);
    optimizer.step(gradients, 0.1);
    await expectClose(a, { shape: [2], data: [0.75, 2.25] }, 1e-6);
    await expectClose(b, { shape: [], data: [2.5] }, 1e-6);
    assert.deepEqual([...optimizer.state().keys()], ['a', 'b']);
  });

  it('does not make its momentum trainable', () => {
    const optimizer = new Sgd(new Map([['a', tf.variable(tf.scalar(1))]]), { momentum: 0.9, weightDecay: 0 });
    assert.deepEqual(
      [...optimizer.state().values()].map(({ trainable }) => trainable),
      [false],
    );
  });
});
