import assert from 'node:assert/strict';
import { explainMemory, OutOfMemory, UserError } from '../../lib/core/errors';
import { startEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import type { WasmModule } from '../../lib/engine/wasm/backend';
import { ThreadPool } from '../../lib/engine/wasm/pool';

describe('The WebAssembly engine', () => {
  let module: WasmModule;
  before(async () => {
    await startEngine({ engine: 'wasm' });
    module = (tf.backend() as unknown as { wasm: WasmModule }).wasm;
  });

  /** Adds values of two shares, a task for each. */
  const addShares = (pool: ThreadPool, tasks: number, from: number, to: number) =>
    pool.run('addShares', tasks, from, to, 1, 8, 8, 8);

  for (const threads of [1, 2]) {
    it(`tells of a trap on ${threads} threads, leaves no task at work, and goes on`, () => {
      const pool = new ThreadPool(module, threads);
      const outside = module.wasmMemory.buffer.byteLength + 2 ** 20;
      assert.throws(
        () => addShares(pool, 64, outside, outside),
        (error: Error) => error instanceof UserError && /engine broke down: .*addShares/.test(error.message),
      );
      const [from, to] = [module._malloc(64 * 32), module._malloc(64 * 32)];
      const values = new Float32Array(module.wasmMemory.buffer, from, 64 * 8).fill(3);
      addShares(pool, 64, from, to);
      assert.deepEqual(new Float32Array(module.wasmMemory.buffer, to, 64 * 8), values);
      module._free(from);
      module._free(to);
    });
  }

  it('does not wait for ever for a thread that took a task and died', () => {
    const pool = new ThreadPool(module, 2, 50);
    // A task is taken and never done.
    const claims = pool as unknown as { claim(): number };
    const claim = claims.claim.bind(pool);
    let lost = false;
    claims.claim = () => {
      const task = claim();
      if (lost || task < 0) return task;
      lost = true;
      return claim();
    };
    const at = module._malloc(4096 * 32);
    assert.throws(() => addShares(pool, 4096, at, at), /a thread did not answer for 0.05 s in addShares/);
  });

  it('says how much memory it lacks and what takes less', () => {
    assert.throws(
      () => module._malloc(0xffff0000),
      (error: Error) =>
        error instanceof OutOfMemory && /4294901760 more bytes.*--batch-size/.test(error.message),
    );
  });
});

describe('Missing memory', () => {
  it('is told from other errors in the words of each engine and of Node', () => {
    for (const words of [
      'Array buffer allocation failed',
      'Invalid typed array length: 1e12',
      'OOM when allocating tensor with shape[1073741824,64]',
      'WebAssembly.Memory.grow(): out of memory',
    ])
      assert.ok(explainMemory(new RangeError(words)) instanceof OutOfMemory, words);
    const other = new Error('no room for doubt');
    assert.equal(explainMemory(other), other);
  });
});
