import { describeEachEngine } from '../engines';
import { expectSameGradients, expectSameTraining, mnnRuns, runTitle } from './end-to-end';

const tolerances = { loss: 2e-5, final: 5e-4, gradient: 2e-5, relative: false };

describeEachEngine(
  'Five training steps of MNN',
  (engine) => {
    // The plain engine takes 20 seconds for each, and takes them all in double precision.
    const runs = mnnRuns().slice(0, engine === 'cpu' ? 1 : undefined);
    for (const run of runs) {
      it(`end where the authors' code ends: ${runTitle(run)}`, () =>
        expectSameTraining(run, tolerances, true));
    }

    it("start with the gradients of the authors' code", () => expectSameGradients(runs[0], tolerances, true));
  },
  { training: true },
);
