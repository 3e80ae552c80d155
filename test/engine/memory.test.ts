import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../lib/core/paths';
import { startEngine } from '../../lib/engine/engine';

describe('The memory of native training', function () {
  this.timeout(120_000);

  before(async function () {
    await startEngine({ engine: 'native' }).catch(() => this.skip());
  });

  it('stops growing after the first step', () => {
    const contender = join(projectRoot, 'bench', 'contenders', 'kit.ts');
    const task = JSON.stringify({ task: 'step', engine: 'native', width: 16, batch: 32 });
    const output = execFileSync(process.execPath, ['-r', 'tsx/cjs', contender, task], {
      cwd: projectRoot,
      encoding: 'utf8',
      input: '\n'.repeat(6),
    });
    const peaks = output
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => JSON.parse(line).peakBytes as number);
    assert.ok(peaks[5] < 1.05 * peaks[0], `it grew from ${peaks[0]} to ${peaks[5]} bytes in six steps`);
  });
});
