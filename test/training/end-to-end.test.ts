import assert from 'node:assert/strict';
import { tf } from '../../lib/engine';
import { createLearner } from '../../lib/methods';
import { apply } from '../../lib/models';
import { Sgd } from '../../lib/training/sgd';
import { trainStep } from '../../lib/training/step';
import { describeEachEngine, expectClose } from '../engines';
import { golden } from '../golden';
import { batchOf, drawsOf, endToEndConfig, expectSummary, loadStart, ourName } from './end-to-end';

describeEachEngine('Five training steps of MNN', () => {
  for (const run of golden('e2e_mnn').runs) {
    if (run.dtype !== 'float64') continue;
    const { norm_variant: mixing, topk: topK, momentum: teacherMomentum } = run;
    const rates = run.steps.map(({ lr }: { lr: number }) => lr);
    it(`end where the authors' code ends: ${mixing}, K ${topK}, lr ${rates[0]} to ${rates.at(-1)}`, async () => {
      const learner = createLearner(endToEndConfig('mnn', { teacherMomentum, topK, mixing, memoryBank: 48 }));
      loadStart(learner);
      const parameters = learner.parameters();
      const optimiser = new Sgd(parameters, { momentum: 0.9, weightDecay: 5e-4 });
      for (const [index, step] of run.steps.entries()) {
        const { loss, purity } = await trainStep(learner, optimiser, batchOf(index), drawsOf(index), step.lr);
        assert.ok(
          Math.abs(loss - step.loss) <= 2e-5 * step.loss,
          `step ${index}: loss ${loss}, not ${step.loss}`,
        );
        assert.ok(
          Math.abs(purity! - step.purity) < 1e-6,
          `step ${index}: purity ${purity}, not ${step.purity}`,
        );
        assert.equal(learner.counters().bank.pointer, step.ptr_after);
      }
      const all = new Map([...parameters, ...learner.state()]);
      for (const [name, expected] of Object.entries(run.final)) {
        if (name.endsWith('num_batches_tracked')) continue;
        // The fixture's bank is [dim, size], ours [size, dim]: as one transposed matrix they agree.
        const value = all.get(name === 'memory_bank.bank' ? 'bank.keys' : ourName(name));
        assert.ok(value, name);
        await expectSummary(value, expected as never, 5e-4);
      }
      const rows = tf.slice(batchOf(0).views[0], [0, 0, 0, 0], [2, -1, -1, -1]);
      const features = apply(learner.backbone, rows, { training: false });
      await expectClose(features, run.final_eval_feature_rows, 5e-4);
    });
  }

  it("start with the gradients of the authors' code", async () => {
    const run = golden('e2e_mnn').runs.find(
      ({ norm_variant }: { norm_variant: string }) => norm_variant === 'norm3',
    );
    const learner = createLearner(endToEndConfig('mnn', { memoryBank: 48 }));
    loadStart(learner);
    const parameters = learner.parameters();
    const { grads } = tf.variableGrads(
      () => learner.step(batchOf(0), drawsOf(0)).loss,
      [...parameters.values()],
    );
    for (const [name, expected] of Object.entries(run.first_step.grads)) {
      await expectSummary(grads[parameters.get(ourName(name))!.name], expected as never, 2e-5);
    }
  });
});
