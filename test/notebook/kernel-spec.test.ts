import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../lib/core/paths';
import { installedKernels, installKernel, removeKernel } from '../../lib/notebook/kernel-spec';

describe('The kernel spec', () => {
  let folder: string;
  const { JUPYTER_DATA_DIR } = process.env;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kernels-'));
    process.env.JUPYTER_DATA_DIR = join(folder, 'user');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    if (JUPYTER_DATA_DIR === undefined) delete process.env.JUPYTER_DATA_DIR;
    else process.env.JUPYTER_DATA_DIR = JUPYTER_DATA_DIR;
  });

  it('starts this copy of the kit from any folder, and is interrupted by a signal', () => {
    const file = join(installKernel(), 'kernel.json');
    assert.equal(file, join(folder, 'user', 'kernels', 'mnn-kit', 'kernel.json'));
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
      argv: [process.execPath, join(packageRoot, 'cli', 'mnn.cjs'), 'kernel', 'start', '{connection_file}'],
      display_name: 'TypeScript (MNN Kit)',
      language: 'typescript',
      interrupt_mode: 'signal',
    });
  });

  it('goes below a prefix where one is given', () => {
    const place = join('share', 'jupyter', 'kernels', 'mnn-kit');
    assert.equal(installKernel(folder), join(folder, place));
  });

  it('is listed with what it starts, and with what of that is gone', () => {
    const place = installKernel(folder);
    const [kernel] = installedKernels(folder);
    assert.deepEqual([kernel.folder, kernel.missing], [place, []]);
    const gone = join(folder, 'gone', 'mnn.cjs');
    writeFileSync(join(place, 'kernel.json'), JSON.stringify({ argv: [process.execPath, gone] }));
    assert.deepEqual(installedKernels(folder)[0].missing, [gone]);
  });

  it('is refused by name where its file is no kernel spec', () => {
    const place = installKernel();
    writeFileSync(join(place, 'kernel.json'), '{');
    assert.throws(() => installedKernels(), /kernel\.json is no kernel spec.*mnn kernel install/);
  });

  it('is removed, and where there is none the message says where there is one', () => {
    const place = installKernel(folder);
    assert.throws(() => removeKernel(), { name: 'UserError', message: /There is no kernel .*user/ });
    assert.equal(removeKernel(folder), place);
    assert.ok(!existsSync(place));
    installKernel();
    assert.throws(() => removeKernel(folder), /There is one in .*user/);
  });
});
