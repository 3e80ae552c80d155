import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../../lib/core/paths';
import { diagnoseEngines } from '../../lib/engine';
import { currentEngine, engineNames, startEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import { compileKit } from '../compile-kit';

describe('Engines', () => {
  it('are refused by name where they are unknown', async () => {
    await assert.rejects(
      startEngine({ engine: 'wasn' }),
      /Unknown engine 'wasn'. Did you mean wasm\?.*native/s,
    );
  });

  it('need a number of threads that is one', async () => {
    await assert.rejects(startEngine({ engine: 'cpu', threads: 0 }), /0 is no number of threads/);
  });

  it('can take turns without losing tensors', async () => {
    await startEngine({ engine: 'wasm' });
    const first = tf.tensor1d([1, 2, 3]);
    await startEngine({ engine: 'cpu' });
    const second = tf.tensor1d([10, 20, 30]);
    const engine = await startEngine({ engine: 'wasm' });
    assert.equal(currentEngine(), engine);
    assert.deepEqual([...(await tf.add(first, second).data())], [11, 22, 33]);
  });

  before(compileKit);

  it('leave it to the host what an error nobody caught does', () => {
    const script = `process.on('unhandledRejection', (error) => console.log('host told of', error.message));
      require('./lib/dist/engine').startEngine({ engine: 'wasm', threads: 2 })
      .then(() => { throw new Error('stray'); });`;
    const output = execFileSync(process.execPath, ['-e', script], {
      cwd: projectRoot,
      encoding: 'utf8',
    });
    assert.match(output, /host told of stray/);
  });

  it('run on as many WebAssembly threads as they are asked for', () => {
    const script = `require('./lib/dist/engine').startEngine({ engine: 'wasm', threads: 2 })
      .then(({ threads }) => console.log('threads', threads));`;
    const output = execFileSync(process.execPath, ['-e', script], {
      cwd: projectRoot,
      encoding: 'utf8',
    });
    assert.match(output, /threads 2/);
  });

  it('say whether WebAssembly fuses multiply-adds, which MNN_RELAXED_SIMD=0 prevents', () => {
    const script = `require('./lib/dist/engine').startEngine({ engine: 'wasm', threads: 1 })
      .then(({ version }) => console.log(version));`;
    const output = execFileSync(process.execPath, ['-e', script], {
      cwd: projectRoot,
      encoding: 'utf8',
      env: { ...process.env, MNN_RELAXED_SIMD: '0' },
    });
    assert.match(output, /backend-wasm [\d.]+ with the kit's kernels\n/);
  });

  it('tell a limit of virtual memory from a broken install', function () {
    if (process.platform !== 'linux') this.skip();
    const script = `require('./lib/dist/engine').diagnoseEngines()
      .then((all) => console.log(all.find(({ name }) => name === 'wasm').remedy));`;
    const limited = `ulimit -v 6000000 && exec '${process.execPath}' -e "${script}"`;
    const output = execFileSync('sh', ['-c', limited], { cwd: projectRoot, encoding: 'utf8' });
    assert.match(output, /raise the limit of virtual memory/);
  });

  it('compute the same bits on one WebAssembly thread and on three', () => {
    const script = join(__dirname, 'thread-bits.ts');
    const [one, three] = [1, 3].map((threads) =>
      execFileSync(process.execPath, ['-r', 'tsx/cjs', script, String(threads)], { encoding: 'utf8' }),
    );
    assert.match(one, /\nbits [0-9a-f]{64}\n/);
    assert.equal(three, one);
  });

  it('are diagnosed, each with a way out where it does not start, and one is taken', async () => {
    const diagnoses = await diagnoseEngines();
    assert.deepEqual(
      diagnoses.map(({ name }) => name),
      [...engineNames],
    );
    assert.equal(diagnoses.filter(({ chosen }) => chosen).length, 1);
    for (const { works, detail, remedy } of diagnoses) {
      assert.ok(detail.length > 0);
      assert.equal(remedy === undefined, works);
    }
  });
});
