import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { projectRoot } from '../../lib/core/paths';
import { tf } from '../../lib/engine';
import { currentEngine, startEngine } from '../../lib/engine/engine';
import { engineLayout, enginesFolder } from '../../lib/engine/install/folders';
import { findCompiler } from '../../lib/engine/install/programs';
import { provable } from '../../lib/engine/native/load';
import { battery, fault, tolerances } from '../../lib/engine/proof/battery';
import { type Provable, proofOf, prove } from '../../lib/engine/proof/proof';
import { temporaryFolder } from '../data/temporary-folder';

/** Starts an engine in a process of its own, with other variables; returns what it prints. */
function start(engine: string, env: NodeJS.ProcessEnv): string {
  const script = `require('./lib/engine').startEngine({ engine: '${engine}', say: console.log })
    .then(({ name }) => console.log('runs', name), (error) => console.log(error.message));`;
  return execFileSync(process.execPath, ['-r', 'tsx/cjs', '-e', script], {
    cwd: projectRoot,
    env: { ...process.env, MNN_ENGINE: undefined, ...env },
    encoding: 'utf8',
  });
}

describe('The battery that an engine is proven with', function () {
  this.timeout(120_000);

  it('is passed by the kernels on WebAssembly, well within its tolerance', async () => {
    await startEngine({ engine: 'wasm' });
    for (const computation of battery(currentEngine().kernels)) {
      assert.equal(await fault(computation, tolerances.float32 / 2), undefined);
    }
  });

  it('notices factors of 8 bits, as bfloat16 has them', async () => {
    await startEngine({ engine: 'wasm' });
    const { kernels } = currentEngine();
    const shortened = (x: Tensor2D): Tensor2D => {
      const bits = new Uint32Array(Float32Array.from(x.dataSync()).buffer).map((value) => value & 0xffff0000);
      return tf.tensor2d(new Float32Array(bits.buffer), x.shape);
    };
    const matMul: typeof kernels.matMul = (a, b, ...rest) =>
      kernels.matMul(shortened(a), shortened(b), ...rest);
    const faults = await Promise.all(
      [...battery({ ...kernels, matMul })]
        .filter(({ what }) => what.startsWith('the product'))
        .map((computation) => fault(computation, tolerances.float32)),
    );
    assert.ok(faults.every((found) => found));
  });
});

describe('A native engine', function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const lie = {
    STAND_IN_FAULT: 'wrong',
    STAND_IN_OPERATION: 'Conv2DBackpropInput',
    STAND_IN_SHAPE: '2,6,6,1',
  };
  const saved = { ...process.env };
  afterEach(() => {
    process.env = { ...saved };
  });

  /** An engines folder with the stand-in as its native engine. */
  function standIn(): Provable {
    const layout = engineLayout(join(folder(), 'native-cpu'));
    const binding = join(layout.package, 'lib', 'napi-v8');
    mkdirSync(binding, { recursive: true });
    writeFileSync(join(binding, 'tfjs_binding.node'), 'binding');
    writeFileSync(join(layout.package, 'package.json'), '{}');
    writeFileSync(
      join(layout.package, 'index.js'),
      `module.exports = require(${JSON.stringify(join(__dirname, 'stand-in-tensorflow.cjs'))});`,
    );
    return provable('native-cpu', layout);
  }

  it('that is wrong in one operation of one shape is found out, with what is wrong', async () => {
    Object.assign(process.env, lie);
    const { tensorflow, operations } = await prove(standIn());
    assert.match(
      tensorflow.wrong!,
      /^the gradient by the input of a 2x2 convolution, stride 1, padding 1, 1 to 1 channels, 2x4x4: value 0 is [-\d.]+ where [-\d.]+ is right$/,
    );
    assert.equal(operations, null);
  });

  it('that crashes or hangs is an outcome, not an accident', async () => {
    Object.assign(process.env, lie, { STAND_IN_FAULT: 'crash' });
    const start = performance.now();
    assert.match(
      (await prove(standIn())).tensorflow.wrong!,
      /it crashes \(SIGABRT\) in the gradient by the input of a 2x2/,
    );
    // Twice as long as it takes to come there: on a busy machine that is longer.
    const timeoutMs = 2 * (performance.now() - start);
    Object.assign(process.env, { STAND_IN_FAULT: 'hang' });
    const { tensorflow } = await prove(standIn(), { timeoutMs });
    assert.match(tensorflow.wrong!, /it hangs in the gradient by the input of a 2x2/);
  });

  it('is not used: auto says so and takes the next, and by its name it ends with the reason', () => {
    standIn();
    const env = { ...lie, MNN_ENGINES: folder() };
    const reason = /native-cpu: is not right on this processor: the gradient by the input of a 2x2/;
    const auto = start('auto', env);
    assert.match(auto, /Proving native-cpu on this processor/);
    assert.match(auto, new RegExp(`Native TensorFlow is not used. ${reason.source}[\\s\\S]*runs wasm`));
    const named = start('native', env);
    assert.match(named, reason);
    assert.doesNotMatch(named, /Proving|runs/);
  });

  it('is proven once, and anew when a file has changed or a variable that libraries read', async () => {
    Object.assign(process.env, lie);
    const engine = standIn();
    const said: string[] = [];
    const proveIt = () => proofOf(engine, { say: (line) => said.push(line) });
    const first = await proveIt();
    assert.deepEqual(await proveIt(), first);
    const script = join(engine.package, 'package.json');
    utimesSync(script, 1, 1);
    assert.equal((await proveIt()).provenAt, first.provenAt, 'a file with the same bytes is the same');
    assert.equal(said.length, 1);
    writeFileSync(script, '{ }');
    assert.notEqual((await proveIt()).provenAt, first.provenAt);
    process.env.ONEDNN_MAX_CPU_ISA = 'AVX2';
    await proveIt();
    assert.equal(said.length, 3);
  });

  it("keeps its proof in the user's cache when its own folder cannot be written", async () => {
    Object.assign(process.env, lie, { XDG_CACHE_HOME: join(folder(), 'cache') });
    const engine = { ...standIn(), proofs: join(someFile(), 'proofs') };
    const first = await proofOf(engine);
    assert.deepEqual(await proofOf(engine), first);
    assert.equal(readdirSync(join(folder(), 'cache', 'mnn-kit', 'proofs')).length, 1);
  });

  /** A file, below which no folder can be made. */
  function someFile(): string {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    return file;
  }
});

describe('The native engine that is installed', function () {
  this.timeout(300_000);
  const folder = temporaryFolder();
  const installed = engineLayout(join(enginesFolder(), 'native-cpu'));
  before(function () {
    if (!existsSync(installed.manifest)) this.skip();
  });

  /** The installed engine in another engines folder, where its proofs do not meet the real ones. */
  function another(): Provable {
    const layout = engineLayout(join(folder(), 'native-cpu'));
    mkdirSync(layout.folder);
    symlinkSync(installed.package, layout.package, 'dir');
    copyFileSync(installed.manifest, layout.manifest);
    return provable('native-cpu', layout);
  }

  it('is refused at the start where something gives TensorFlow another value of one shape', function () {
    const compiler = findCompiler(process.env);
    if (!compiler || process.platform !== 'linux') this.skip();
    const shim = join(folder(), 'liar.so');
    const [command, ...args] = compiler;
    execFileSync(command, [...args, '-shared', '-fPIC', '-o', shim, join(__dirname, 'liar.cc'), '-ldl']);
    another();
    const said = start('auto', { MNN_ENGINES: folder(), LD_PRELOAD: shim, MNN_ENGINE: undefined });
    assert.match(
      said,
      /Native TensorFlow is not used. native-cpu: is not right on this processor: .*1 to 8 channels, 3x7x5/,
    );
    assert.match(said, /runs wasm/);
  });

  it("runs without the kit's operations when only these are wrong", async function () {
    if (!existsSync(installed.kernels)) this.skip();
    const engine = another();
    const lying = join(folder(), 'lying.cjs');
    writeFileSync(
      lying,
      `const { tf } = require(${JSON.stringify(join(projectRoot, 'lib/engine/tf'))});
       const backend = tf.backend();
       const execute = backend.executeSingleOutput;
       backend.executeSingleOutput = function (name, ...rest) {
         const result = execute.call(this, name, ...rest);
         return name === 'MnnPatches' ? tf.add(result, 0.01) : result;
       };
       module.exports = require(${JSON.stringify(installed.kernels)});`,
    );
    const { tensorflow, operations } = await prove({ ...engine, operations: lying });
    assert.equal(tensorflow.wrong, null);
    assert.match(operations!.wrong!, /a 1x1 convolution.*is right/);
  });
});
