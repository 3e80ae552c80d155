import assert from 'node:assert/strict';
import { existsSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cudaLibraries, linkCuda } from '../../../lib/engine/install/cuda';
import { engineLayout } from '../../../lib/engine/install/folders';
import { installNative } from '../../../lib/engine/install/native';
import { temporaryFolder } from '../../data/temporary-folder';
import { compiler, options, packWheel, pip, writeFiles } from './fake-tensorflow';

const cuda = [
  'nvidia-cublas-cu12<13.0,>=12.5.3.2',
  'nvidia-cuda-nvcc-cu12<13.0,>=12.5.82',
  'nvidia-cudnn-cu12<10.0,>=9.3',
];

describe('The CUDA libraries', () => {
  const folder = temporaryFolder();
  const gpuWheel = () => packWheel(folder(), { name: 'tensorflow', cuda });
  const system = (...files: string[]) =>
    writeFiles(join(folder(), 'system'), Object.fromEntries(files.map((file) => [file, ''])));

  /** A machine whose system libraries are the given files, and which has no others. */
  async function machine(...files: string[]) {
    const scripts = { 'g++': compiler, ldconfig: 'exit 0' };
    const more = options(folder(), scripts, { gpu: true, from: await gpuWheel() });
    more.env!.LD_LIBRARY_PATH = system(...files);
    return more;
  }

  it('are those that the wheel asks for, by the names that it loads', () => {
    assert.deepEqual(
      cudaLibraries([...cuda, 'nvidia-cufft-cu12<12.0,>=11.2.3.61', 'nvidia-nvjitlink<14,>=13.0']).map(
        ({ file }) => file,
      ),
      ['libcublas.so.12', 'libcudnn.so.9', 'libcufft.so.11', 'libnvJitLink.so.13'],
    );
  });

  it('are of no use without a driver', async () => {
    await assert.rejects(installNative(await machine('libcublas.so.12')), /no NVIDIA driver.*libcuda\.so\.1/);
  });

  it('that are missing are named with what brings them, and nothing is installed', async () => {
    const more = await machine('libcuda.so.1', 'libcublas.so.12');
    await assert.rejects(
      installNative(more),
      /not found: libcudnn\.so\.9\.\n.*pip install 'nvidia-cudnn-cu12<10\.0,>=9\.3'\n/,
    );
    assert.ok(!existsSync(join(folder(), 'engines', 'native-gpu')));
  });

  it('that are all there let the engine for GPUs be made', async () => {
    const { name, state } = await installNative(
      await machine('libcuda.so.1', 'libcublas.so.12', 'libcudnn.so.9'),
    );
    assert.deepEqual([name, state], ['native-gpu', 'installed']);
  });

  it("of pip's packages are found, and linked to beside TensorFlow with all that they need", async () => {
    const packages = writeFiles(join(folder(), 'packages'), {
      'nvidia/cublas/lib/libcublas.so.12': '',
      'nvidia/cudnn/lib/libcudnn.so.9': '',
      'nvidia/cudnn/lib/libcudnn_ops.so.9': '',
      'pip/x.py': '',
    });
    const scripts = {
      'g++': compiler,
      ldconfig: 'exit 0',
      pip3: pip('exit 1').replace('/none/pip', join(packages, 'pip')),
    };
    const more = options(folder(), scripts, { gpu: true, from: await gpuWheel() });
    more.env!.LD_LIBRARY_PATH = system('libcuda.so.1');
    await installNative(more);
    const { libraries } = engineLayout(join(folder(), 'engines', 'native-gpu'));
    const file = 'libcudnn_ops.so.9';
    assert.equal(readlinkSync(join(libraries, file)), join(packages, 'nvidia/cudnn/lib', file));
  });

  it("of the system are left to the system's loader", () => {
    const layout = engineLayout(join(folder(), 'engine'));
    linkCuda(new Map([['libcudnn.so.9', system('libcudnn.so.9')]]), layout);
    assert.ok(!existsSync(layout.libraries));
  });
});
