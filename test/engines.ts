import { type EngineName, engineNames, startEngine } from '../lib/engine/engine';
import { tf } from '../lib/engine/tf';
import type { GoldenTensor } from './golden';

/** Engines that take minutes for tests that train; WebGPU does on a driver in software. */
const slow: EngineName[] = ['webgpu', 'cpu'];

/**
 * Describes the same behavior once for every engine; an engine that does not start here is skipped and its
 * reason printed. MNN_ENGINE narrows the tests to one engine. Tests that train leave slow engines out, unless
 * it is that one.
 */
export function describeEachEngine(
  title: string,
  tests: (engine: EngineName) => void,
  { training = false }: { training?: boolean } = {},
): void {
  const only = process.env.MNN_ENGINE;
  for (const engine of engineNames) {
    if (only && only !== engine) continue;
    if (training && slow.includes(engine) && !only) continue;
    describe(`${title} (${engine})`, function () {
      if (slow.includes(engine)) this.timeout(300_000);
      before(async function () {
        try {
          await startEngine({ engine });
        } catch (error) {
          if (only || engine === 'wasm') throw error;
          console.log(`    skipped: ${(error as Error).message.split('\n')[1]}`);
          this.skip();
        }
      });
      tests(engine);
    });
  }
}

/** A float32 tensor with a fixture's values. */
export function tensorOf({ data, shape }: GoldenTensor): ReturnType<typeof tf.tensor> {
  return tf.tensor(data, shape, 'float32');
}

/** PyTorch's [batch, channels, height, width] as [batch, height, width, channels]. */
export function fromNchw(tensor: GoldenTensor): ReturnType<typeof tf.tensor4d> {
  return tf.transpose(tensorOf(tensor), [0, 2, 3, 1]) as ReturnType<typeof tf.tensor4d>;
}

/** PyTorch's filter [out, in, height, width] as [height, width, in, out]. */
export function fromOihw(tensor: GoldenTensor): ReturnType<typeof tf.tensor4d> {
  return tf.transpose(tensorOf(tensor), [2, 3, 1, 0]) as ReturnType<typeof tf.tensor4d>;
}

/** A copy of the values of named tensors, to compare with later ones. */
export function valuesOf(
  tensors: Iterable<[string, ReturnType<typeof tf.tensor>]>,
): Promise<[string, number[]][]> {
  const copies = [...tensors].map(async ([name, tensor]): Promise<[string, number[]]> => {
    return [name, [...(await tensor.data())]];
  });
  return Promise.all(copies);
}

/** Fails unless every value is within tolerance * max(1, largest expected size) of the expected one. */
export async function expectClose(
  actual: ReturnType<typeof tf.tensor>,
  expected: ReturnType<typeof tf.tensor> | GoldenTensor,
  tolerance: number,
): Promise<void> {
  const want =
    'dataId' in expected ? Float32Array.from(await expected.data()) : Float32Array.from(expected.data);
  const got = await actual.data();
  if (got.length !== want.length) throw new Error(`${got.length} values where ${want.length} were expected`);
  const size = want.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  for (let i = 0; i < want.length; i++) {
    const error = Math.abs(got[i] - want[i]);
    if (!(error <= tolerance * size)) {
      throw new Error(`value ${i} is ${got[i]} where ${want[i]} was expected (off by ${error})`);
    }
  }
}
