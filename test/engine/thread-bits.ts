// Prints a hash of what the WebAssembly kernels compute on the given number of threads.
import { createHash } from 'node:crypto';
import { startEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';

async function main(): Promise<void> {
  const { kernels } = await startEngine({ engine: 'wasm', threads: Number(process.argv[2]) });
  const hash = createHash('sha256');
  const add = (tensor: ReturnType<typeof tf.tensor>) => hash.update(tensor.dataSync());
  for (const [ins, outs, stride] of [
    [16, 32, 1],
    [16, 24, 2],
    [3, 16, 1],
  ]) {
    const x = tf.randomNormal<tf.Rank.R4>([24, 12, 12, ins], 0, 1, 'float32', 1);
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, ins, outs], 0, 1, 'float32', 2);
    const y = kernels.conv2d(x, filter, stride, 1);
    add(y);
    add(kernels.conv2dInputGradient(y, filter, x.shape, stride, 1));
    add(kernels.conv2dFilterGradient(x, y, filter.shape, stride, 1));
    const affine = { scale: tf.ones([outs]), offset: tf.zeros([outs]) };
    const groups = { views: 2, splits: 4 };
    const norm = kernels.batchNorm(y, affine, groups, { epsilon: 1e-5, relu: true });
    add(norm.y);
    const gradients = kernels.batchNormGradient(y, y, norm.y, affine, norm.statistics, groups, 1e-5, true);
    for (const gradient of Object.values(gradients)) add(gradient);
  }
  console.log(`\nbits ${hash.digest('hex')}`);
}

main();
