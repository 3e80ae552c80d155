import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GoldenTensor } from '../golden';

/** Checkpoints that test/tools/make_pth.py has written with PyTorch. */
export const pytorchFixtures: string = join(__dirname, '..', 'golden', 'pytorch');

export const fixturePath = (name: string): string => join(pytorchFixtures, name);

export const fixtureBytes = (name: string): Buffer => readFileSync(fixturePath(name));

/** Images, and the features that PyTorch computes of them in double precision with each file's networks. */
export function pytorchFeatures(): {
  images: { shape: number[]; b64: string };
  mean: [number, number, number];
  std: [number, number, number];
  files: Record<string, { features: GoldenTensor; teacher?: GoldenTensor }>;
} {
  return JSON.parse(readFileSync(fixturePath('features.json'), 'utf8'));
}
