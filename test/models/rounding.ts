// The features of a width-64 backbone, in double precision and on the plain engine in float32, for the test beside it.
// Writes rounding.json:
//   node -r ./test/training/double-precision.cjs -r tsx/cjs test/models/rounding.ts && npx tsx test/models/rounding.ts
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '../../lib/core/random';
import { startEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import { apply, ResNet18 } from '../../lib/models';

/** Normalized with the batch's own statistics (`training`), and with running ones. */
export type Mode = 'training' | 'evaluation';
export const modes: Mode[] = ['training', 'evaluation'];

/** For each mode, the features in double precision and how far those of plain float32 are from them. */
export type Rounding = Record<Mode, { features: number[]; plainError: number }>;

const file = join(__dirname, 'rounding.json');

export function knownRounding(): Rounding {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Features of two images of 32 pixels of noise by a ResNet-18 of the paper's width, both seeded. */
export async function featuresOf(mode: Mode): Promise<number[]> {
  const settings = { width: 64, maxPool: false, bnSplits: 1, trainable: false };
  const network = new ResNet18(randomStream(1, 'init'), settings);
  // In double precision too, weights and pixels are numbers that float32 has.
  for (const parameter of network.parameters().values()) {
    parameter.assign(tf.tensor(parameter.dataSync().map(Math.fround), parameter.shape));
  }
  const random = randomStream(2, 'init');
  const pixels = Float32Array.from({ length: 2 * 32 * 32 * 3 }, () => Math.fround(random.normal()));
  const features = apply(network, tf.tensor(pixels, [2, 32, 32, 3]), { training: mode === 'training' });
  return [...(await features.data())];
}

/** Root mean square of the differences, as a share of that of the values. */
export function relativeError(values: number[], exact: number[]): number {
  const square = (sum: number, value: number) => sum + value * value;
  return Math.sqrt(values.map((value, i) => value - exact[i]).reduce(square, 0) / exact.reduce(square, 0));
}

async function main(): Promise<void> {
  await startEngine({ engine: 'cpu' });
  const double = new Float32Array([0.1])[0] === 0.1;
  const known: Partial<Rounding> = existsSync(file) ? knownRounding() : {};
  for (const mode of modes) {
    const features = await featuresOf(mode);
    if (double)
      known[mode] = { features: features.map((value) => Number(value.toPrecision(10))), plainError: 0 };
    else known[mode]!.plainError = relativeError(features, known[mode]!.features);
  }
  writeFileSync(file, `${JSON.stringify(known)}\n`);
}

if (require.main === module) main();
