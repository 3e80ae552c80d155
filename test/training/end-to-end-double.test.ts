import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { baselineRuns, mnnRuns } from './end-to-end';
import { nearTie, nearTieRun } from './near-tie';

/**
 * The proof that the port computes what the authors' code computes: in double precision losses and gradients agree
 * to 1e-9 and weights to 1e-7, beyond what any ReLU or neighbor that falls the other way would leave. It takes the
 * plain engine, in processes of their own (see double-precision.cjs).
 */
describe("The authors' training steps in double precision", function () {
  this.timeout(300_000);
  const runs = [...mnnRuns(), ...baselineRuns(), nearTieRun(nearTie())];
  const replays: Promise<unknown>[] = [];

  before(function () {
    // It takes minutes, and has a command of its own: npm run test:double.
    if (process.env.MNN_ENGINE !== 'cpu') this.skip();
    const lanes: Promise<unknown>[] = Array(availableParallelism()).fill(Promise.resolve());
    runs.forEach((_, index) => {
      const lane = index % lanes.length;
      replays[index] = lanes[lane].then(() => replay(index));
      // A failure belongs to its own test, and holds up none of the others.
      lanes[lane] = replays[index].catch(() => undefined);
    });
  });

  runs.forEach(({ title }, index) => {
    it(`end where the authors' code ends: ${title}`, () => replays[index]);
  });
});

async function replay(index: number): Promise<void> {
  const script = join(__dirname, 'end-to-end-double-run.ts');
  const preload = ['-r', join(__dirname, 'double-precision.cjs'), '-r', 'tsx/cjs'];
  try {
    await promisify(execFile)(process.execPath, [...preload, script, String(index)]);
  } catch (error) {
    throw new Error((error as { stderr: string }).stderr);
  }
}
