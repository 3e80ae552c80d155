import type { Normalization } from '../data';

const tables = new WeakMap<Normalization, Float32Array>();

/**
 * Writes a uint8 RGB picture as normalised float32, same layout, to `out` from `outOffset` on: torchvision's
 * ToTensor and Normalize, (value / 255 - mean) / std in float32.
 */
export function normalize(
  picture: Uint8Array,
  normalization: Normalization,
  out: Float32Array,
  outOffset: number,
): void {
  const table = normalizationTable(normalization);
  for (let i = 0; i < picture.length; i += 3) {
    out[outOffset + i] = table[picture[i]];
    out[outOffset + i + 1] = table[256 + picture[i + 1]];
    out[outOffset + i + 2] = table[512 + picture[i + 2]];
  }
}

/** The normalised value of every byte, for each channel in turn; one table per normalisation. */
export function normalizationTable(normalization: Normalization): Float32Array {
  let table = tables.get(normalization);
  if (table === undefined) {
    table = Float32Array.from({ length: 3 * 256 }, (_, i) => {
      const channel = i >> 8;
      const centred = Math.fround((i & 255) / 255) - Math.fround(normalization.mean[channel]);
      return Math.fround(centred) / Math.fround(normalization.std[channel]);
    });
    tables.set(normalization, table);
  }
  return table;
}
