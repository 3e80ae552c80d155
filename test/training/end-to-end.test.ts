import assert from 'node:assert/strict';
import { describeEachEngine } from '../engines';
import {
  baselineRuns,
  expectSameGradients,
  expectSameTraining,
  mnnRuns,
  type Tolerances,
} from './end-to-end';
import { nearTie, nearTieRun } from './near-tie';

/** Of the losses: the fixtures' README names the methods whose losses float32 follows less far. */
function lossTolerance(method: string, step: number): number {
  if (method === 'nnclr') return 5e-5;
  if (method === 'snclr' && step === 2) return 3e-3;
  return method === 'un-mix' && step === 2 ? 1e-4 : 2e-5;
}

const tolerances: Tolerances = { loss: lossTolerance, final: 5e-4, gradient: 2e-5, relative: false };

describeEachEngine(
  'Five training steps of MNN',
  (engine) => {
    // The plain engine takes 20 seconds for each, and takes them all in double precision.
    const runs = mnnRuns().slice(0, engine === 'cpu' ? 1 : undefined);
    for (const run of runs) {
      it(`end where the authors' code ends: ${run.title}`, () => expectSameTraining(run, tolerances, true));
    }

    it("start with the gradients of the authors' code", () => expectSameGradients(runs[0], tolerances, true));
  },
  { training: true },
);

describeEachEngine(
  'Three training steps',
  () => {
    for (const run of baselineRuns()) {
      it(`of ${run.title} start with the gradients of the authors' code`, () =>
        expectSameGradients(run, tolerances, true));

      it(`of ${run.title} end where the authors' code ends`, () => expectSameTraining(run, tolerances, true));
    }
  },
  { training: true },
);

describeEachEngine(
  'A near tie of two neighbors',
  () => {
    const tie = nearTie();
    const run = nearTieRun(tie);

    it('is decided as double precision decides it', async () => {
      await expectSameTraining(run, tolerances, true);
      await expectSameGradients(run, tolerances, true);
    });

    it('would end elsewhere if rounding decided it the other way', async () => {
      const [searches] = tie.held.ties;
      const [[sample, slots]] = Object.entries(searches[0]);
      const others = [{ ...searches[0], [sample]: [...slots.slice(0, -1), tie.other] }, ...searches.slice(1)];
      const other = { ...run, held: { ...tie.held, ties: [others] } };
      await assert.rejects(expectSameTraining(other, tolerances, true), /step 0: loss/);
    });

    it('is an error when the samples are not that near', async () => {
      const apart = { ...run, bankKeys: undefined };
      await assert.rejects(expectSameTraining(apart, tolerances, true), /the tie of sample 3 is .* wide/);
    });
  },
  { training: true },
);
