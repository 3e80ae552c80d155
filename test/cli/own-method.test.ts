import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../lib/package-root';
import { loadRecord } from '../../lib/results';
import { temporaryFolder } from '../data/temporary-folder';

/** The command line as users start it: what a method of one's own imports from the library is compiled. */
function mnn(...args: string[]): string {
  const script = join('lib', 'cli', 'mnn.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

describe("A method of one's own", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const load = ['--load', 'notebooks/own-method/simsiam.ts'];

  it('is listed, trained, evaluated, recorded and compared like the others', () => {
    assert.match(mnn('methods', ...load), /simsiam: SimSiam, .*\n {2}source {3}Chen and He, CVPR 2021/);
    const run = [
      'reproduce',
      'quick',
      '--methods',
      'simsiam,untrained',
      ...load,
      '--set',
      'views=strong/weak',
    ];
    const small = ['--train', '64', '--test', '20', '--epochs', '2', '--batch-size', '16', '--width', '4'];
    const rest = ['--knn-k', '5', '--linear-epochs', '1', '--workers', '0', '--engine', 'wasm'];
    const places = ['--runs', folder(), '--records', folder(), '--figures', join(folder(), 'figures')];
    const output = mnn(...run, ...small, ...rest, ...places);
    assert.match(output, /\nSimSiam +shapes10 +reduced/);
    assert.match(mnn('results', 'list', '--records', folder()), /simsiam +shapes10/);
    const file = readdirSync(folder()).find((name) => name.startsWith('simsiam') && name.endsWith('.json'));
    const { config, curves } = loadRecord(join(folder(), file ?? assert.fail('no record')));
    assert.deepEqual([config.method, config.options], ['simsiam', { views: 'strong/weak' }]);
    assert.ok(curves.every(({ loss, purity }) => Number.isFinite(loss) && purity === null));
  });
});
