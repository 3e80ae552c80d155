import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A tensor of a fixture: flat, row-major, in PyTorch's layout. */
export interface GoldenTensor {
  shape: number[];
  data: number[];
}

/** One of the fixtures computed with the authors' PyTorch code; test/golden/README.md describes them. */
// biome-ignore lint/suspicious/noExplicitAny: every fixture has a layout of its own
export function golden(name: string): any {
  return JSON.parse(readFileSync(join(__dirname, 'golden', `${name}.json`), 'utf8'));
}

/** The bytes of a fixture's `{shape, dtype: 'uint8', b64}` image. */
export function goldenBytes(tensor: { b64: string }): Uint8Array {
  return new Uint8Array(Buffer.from(tensor.b64, 'base64'));
}
