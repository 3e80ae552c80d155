// Replays one of the authors' runs in double precision; the test beside it starts it as a process of its own.
import assert from 'node:assert/strict';
import { startEngine } from '../../lib/engine';
import { expectSameGradients, expectSameTraining, mnnRuns } from './end-to-end';

const tolerances = { loss: 1e-9, final: 1e-7, gradient: 1e-9, relative: true };

async function main(): Promise<void> {
  assert.equal(new Float32Array([0.1])[0], 0.1, 'start it with -r double-precision.cjs');
  await startEngine({ engine: 'cpu' });
  const run = mnnRuns()[Number(process.argv[2])];
  await expectSameGradients(run, tolerances, false);
  await expectSameTraining(run, tolerances, false);
}

main().catch((error) => {
  console.error((error as Error).message);
  process.exitCode = 1;
});
