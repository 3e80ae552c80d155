import assert from 'node:assert/strict';
import { displayTraining, type TrainingWatch } from '../../lib/notebook';
import { sampleConfig } from '../results/sample-record';
import { printed, shownInNotebook } from './in-notebook';

const config = sampleConfig('mnn', 1);
const { epochs } = config.training;

/** What a run of two steps in each epoch tells, up to a step; the numbers of the machine are `speed`. */
function tell({ onStep, onEpoch, onLinearEpoch }: TrainingWatch, speed: number, last = 2 * epochs): void {
  for (let step = 1; step <= last; step++) {
    const point = { epoch: Math.ceil(step / 2), step, loss: 4 / step, purity: 0.5, lr: 0.1 };
    onStep({ ...point, steps: 2 * epochs, epochs, imagesPerSecond: speed });
    if (step % 2 === 0) onEpoch({ ...point, knnTop1: 30 + step });
  }
  if (last === 2 * epochs)
    for (const top1 of [40, 45, 44]) onLinearEpoch({ epoch: 1, lr: 1, loss: 1, top1, top5: 90 }, 3);
}

describe('A training run in a cell', () => {
  it('is one chart that is replaced, and at last is drawn with the same bits at any speed', async () => {
    const finals = [];
    for (const speed of [100, 999]) {
      const shown = await shownInNotebook(async () => {
        const result = await displayTraining(config, async (watch) => {
          tell(watch, speed);
          return 'record';
        });
        assert.equal(result, 'record');
      });
      assert.ok(shown.length >= 2, 'it is shown before its end');
      assert.deepEqual(
        shown.map(({ update }) => update),
        shown.map((_, i) => i > 0),
      );
      assert.equal(new Set(shown.map(({ transient }) => transient.display_id)).size, 1);
      assert.equal(shown[0].data['image/png'], undefined);
      finals.push(shown.at(-1)!.data);
    }
    assert.deepEqual(finals[0], finals[1]);
    assert.match(String(finals[0]['image/png']), /^iVBOR/);
    assert.match(
      String(finals[0]['text/plain']),
      /^MNN on shapes10\nAfter epoch 6, loss 0\.3333, purity 0\.500, k-NN 42\.00 %, linear 45\.00 %/,
    );
  });

  it('keeps its chart where the run is stopped', async () => {
    const shown = await shownInNotebook(() =>
      assert.rejects(
        displayTraining(config, async (watch) => {
          tell(watch, 1, 3);
          throw new Error('stopped');
        }),
        /stopped/,
      ),
    );
    assert.match(String(shown.at(-1)?.data['text/plain']), /\nStopped after step 3 of 12\n/);
    assert.ok(shown.at(-1)?.data['image/png']);
  });

  it('is a line for each epoch in a terminal', async () => {
    const text = await printed(() => displayTraining(config, async (watch) => tell(watch, 1)));
    assert.equal(text.split('\n').length, epochs);
    assert.match(text, /^MNN on shapes10: epoch 1, loss 2\.0000, purity 0\.500, k-NN 32\.00 %/);
  });
});
