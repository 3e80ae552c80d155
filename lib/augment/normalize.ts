import type { Normalization } from '../data';

const tables = new WeakMap<Normalization, Float32Array>();

/**
 * Writes a uint8 RGB image as normalized float32, same layout, to `out` from `outOffset` on: torchvision's
 * ToTensor and Normalize, (value / 255 - mean) / std in float32.
 */
export function normalize(
  image: Uint8Array,
  normalization: Normalization,
  out: Float32Array,
  outOffset: number,
): void {
  const table = normalizationTable(normalization);
  for (let i = 0; i < image.length; i += 3) {
    out[outOffset + i] = table[image[i]];
    out[outOffset + i + 1] = table[256 + image[i + 1]];
    out[outOffset + i + 2] = table[512 + image[i + 2]];
  }
}

/** The normalized value of every byte, for each channel in turn; one table per normalization. */
export function normalizationTable(normalization: Normalization): Float32Array {
  let table = tables.get(normalization);
  if (table === undefined) {
    table = Float32Array.from({ length: 3 * 256 }, (_, i) => {
      const channel = i >> 8;
      const centered = Math.fround((i & 255) / 255) - Math.fround(normalization.mean[channel]);
      return Math.fround(centered) / Math.fround(normalization.std[channel]);
    });
    tables.set(normalization, table);
  }
  return table;
}
