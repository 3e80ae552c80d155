import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../lib/core/paths';
import { compileKit, mnnCommand } from '../compile-kit';

describe('The command line for notebooks', () => {
  before(compileKit);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mnn-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const mnn = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...mnnCommand, ...args], {
      cwd: projectRoot,
      encoding: 'utf8',
      env: { ...process.env, JUPYTER_DATA_DIR: folder },
    });
    return { code: status, output: stdout + stderr };
  };

  it('installs the kernel, lists it and removes it', () => {
    assert.match(mnn('kernel', 'list').output, /not installed: npx mnn kernel install/);
    const installed = mnn('kernel', 'install');
    assert.deepEqual(
      [installed.code, installed.output.trim()],
      [0, `TypeScript (MNN Kit): ${join(folder, 'kernels', 'mnn-kit')}`],
    );
    assert.match(mnn('kernel', 'list').output, /kernels.mnn-kit\n {2}starts .*mnn\.cjs with /);
    assert.match(mnn('kernel', 'remove').output, /^Removed: .*mnn-kit/);
    const again = mnn('kernel', 'remove');
    assert.equal(again.code, 1);
    assert.match(again.output, /There is no kernel/);
  });

  it('runs a notebook with other parameters and writes it elsewhere', () => {
    const file = join(folder, 'a.ipynb');
    const output = join(folder, 'b.ipynb');
    const cell = (source: string, ...tags: string[]) => ({
      cell_type: 'code',
      metadata: { tags },
      source,
      outputs: [],
      execution_count: null,
    });
    const cells = [
      cell("const preset = 'quick';\nconst seeds = [1];", 'parameters'),
      cell('console.log(preset, seeds.length + 1)'),
    ];
    const text = JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 4 });
    writeFileSync(file, text);
    const result = mnn('notebook', 'run', file, '--output', output, '--set', 'preset=small', 'seeds=[1, 2]');
    assert.equal(result.code, 0, result.output);
    assert.equal(readFileSync(file, 'utf8'), text);
    assert.match(readFileSync(output, 'utf8'), /"small 3\\n"/);
    assert.match(mnn('notebook', 'run', file, '--set', 'x').output, /'x' is not of the form name=value/);
  });
});
