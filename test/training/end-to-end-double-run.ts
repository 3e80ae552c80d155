// Replays one of the authors' runs in double precision; the test beside it starts it as a process of its own.
// It also compares the ReLUs that are near to 0, and the neighbors that tie, with those of held-relus.json and
// held-ties.json, or with --write puts them there; 14 is the step of near-tie.json:
//   for run in $(seq 0 14); do node -r ./test/training/double-precision.cjs -r tsx/cjs \
//     test/training/end-to-end-double-run.ts $run --write; done
import assert from 'node:assert/strict';
import { startEngine } from '../../lib/engine/engine';
import { baselineRuns, expectSameGradients, expectSameTraining, mnnRuns } from './end-to-end';
import { heldRelus, writeHeldRelus } from './held-relus';
import { heldTies, writeHeldTies } from './held-ties';
import { nearTie, nearTieRun, writeNearTie } from './near-tie';

const tolerances = { loss: 1e-9, final: 1e-7, gradient: 1e-9, relative: true };

async function main(): Promise<void> {
  assert.equal(new Float32Array([0.1])[0], 0.1, 'start it with -r double-precision.cjs');
  await startEngine({ engine: 'cpu' });
  const [, , index, write] = process.argv;
  if (Number(index) === 14 && write) return writeNearTie();
  const run = [...mnnRuns(), ...baselineRuns(), nearTieRun(nearTie())][Number(index)];
  await expectSameGradients(run, tolerances, false);
  const found = await expectSameTraining(run, tolerances, false);
  if (write) {
    writeHeldRelus({ ...heldRelus(), [run.title]: found.relus });
    writeHeldTies({ ...heldTies(), [run.title]: found.ties });
  } else {
    assert.deepEqual(found, run.held ?? { relus: heldRelus()[run.title], ties: heldTies()[run.title] });
  }
}

main().catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
