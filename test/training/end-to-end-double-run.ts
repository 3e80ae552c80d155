// Replays one of the authors' runs in double precision; the test beside it starts it as a process of its own.
// It also compares the ReLUs that are near to 0 with those of held-relus.json, or with --write puts them there:
//   for run in $(seq 0 13); do node -r ./test/training/double-precision.cjs -r tsx/cjs \
//     test/training/end-to-end-double-run.ts $run --write; done
import assert from 'node:assert/strict';
import { startEngine } from '../../lib/engine/engine';
import { baselineRuns, expectSameGradients, expectSameTraining, mnnRuns } from './end-to-end';
import { heldRelus, writeHeldRelus } from './held-relus';

const tolerances = { loss: 1e-9, final: 1e-7, gradient: 1e-9, relative: true };

async function main(): Promise<void> {
  assert.equal(new Float32Array([0.1])[0], 0.1, 'start it with -r double-precision.cjs');
  await startEngine({ engine: 'cpu' });
  const run = [...mnnRuns(), ...baselineRuns()][Number(process.argv[2])];
  await expectSameGradients(run, tolerances, false);
  const nearZero = await expectSameTraining(run, tolerances, false);
  if (process.argv[3] === '--write') writeHeldRelus({ ...heldRelus(), [run.title]: nearZero });
  else assert.deepEqual(nearZero, heldRelus()[run.title]);
}

main().catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
