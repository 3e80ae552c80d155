import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../lib/core/paths';
import { startEngine } from '../../lib/engine/engine';
import { vulkanDrivers } from '../../lib/engine/webgpu/drivers';
import { temporaryFolder } from '../data/temporary-folder';

describe('Vulkan drivers', () => {
  const folder = temporaryFolder();
  const manifest = () => {
    mkdirSync(join(folder(), 'vulkan', 'icd.d'), { recursive: true });
    const path = join(folder(), 'vulkan', 'icd.d', 'driver.json');
    writeFileSync(path, '{}');
    return path;
  };

  it('are those that a variable of the Vulkan loader names', () => {
    const path = manifest();
    assert.deepEqual(vulkanDrivers({ VK_DRIVER_FILES: `${path}:/nowhere.json` }), [path]);
    assert.deepEqual(vulkanDrivers({ VK_ICD_FILENAMES: path }), [path]);
    assert.deepEqual(vulkanDrivers({ VK_DRIVER_FILES: '/nowhere.json' }), []);
  });

  it('are else those of the system and the user', () => {
    const path = manifest();
    assert.ok(vulkanDrivers({ XDG_DATA_DIRS: `/nowhere:${folder()}` }).includes(path));
  });
});

describe('WebGPU', () => {
  before(async function () {
    try {
      await startEngine({ engine: 'webgpu' });
    } catch (error) {
      console.log(`    skipped: ${(error as Error).message.split('\n')[1]}`);
      this.skip();
    }
  });

  /** Runs a script in a process of its own, with `tf` and a started engine. */
  const run = (script: string, engine = 'webgpu') => {
    const whole = `const { startEngine, tf } = require('./lib/engine');
      startEngine({ engine: '${engine}' }).then(async (engine) => { ${script} });`;
    const options = { cwd: projectRoot, encoding: 'utf8', timeout: 30_000, stdio: 'pipe' } as const;
    return execFileSync(process.execPath, ['--expose-gc', '-r', 'tsx/cjs', '-e', whole], options);
  };
  const sum = `const [sum] = await tf.sum(tf.ones([8, 8])).data(); console.log('sum', sum);`;

  it('outlives a garbage collection, and lets the process end', () => {
    const collect =
      'for (let i = 0; i < 5; i++) { gc(); await new Promise((done) => setTimeout(done, 10)); }';
    assert.match(run(`${collect} ${sum}`), /sum 64/);
  });

  it('stops the process where the GPU refuses work, which would give zeros', () => {
    const tooLarge = 'tf.backend().device.createBuffer({ size: 2 ** 50, usage: GPUBufferUsage.STORAGE });';
    assert.throws(() => run(`${tooLarge} ${sum}`), /The GPU refused work/);
  });

  it('is not taken by itself on a driver in software', () => {
    const output = run(`const { name, gpu } = engine; console.log(name, gpu);`, 'auto');
    assert.doesNotMatch(output, /webgpu false/);
  });

  it('leaves other libraries a Node without a browser', () => {
    assert.match(run('console.log(globalThis.navigator?.gpu);'), /undefined/);
  });
});
