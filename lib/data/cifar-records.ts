import { allocatePixels, type LabelledImages } from './dataset';
import { checkedLabel, type RecordFile } from './records';
import type { Source } from './sources';

const size = 32;
const plane = size * size;

/** What CIFAR-10 and CIFAR-100 differ in: how many label bytes come before the pixels, and which one counts. */
export interface CifarLayout {
  source: Source;
  labelBytes: number;
  /** Place of the label that counts among them. */
  label: number;
}

/** Bytes of one record: labels, then 1,024 red, green and blue values, row by row. */
export function cifarRecordBytes({ labelBytes }: CifarLayout): number {
  return labelBytes + 3 * plane;
}

/**
 * Joins the files' records and turns each picture from colour planes to pixels.
 * @throws UserError where a label is not that of a class.
 */
export function decodeCifar(layout: CifarLayout, files: readonly RecordFile[]): LabelledImages {
  const { source, labelBytes } = layout;
  const recordBytes = cifarRecordBytes(layout);
  const count = files.reduce((sum, file) => sum + file.count, 0);
  const pixels = allocatePixels(count, size);
  const labels = new Int32Array(count);
  let image = 0;
  for (const { path, count: records, read } of files) {
    const bytes = read();
    for (let record = 0; record < records; record++, image++) {
      const start = record * recordBytes;
      const range = [0, source.classes - 1] as const;
      labels[image] = checkedLabel(bytes[start + layout.label], record, path, range, source);
      interleave(bytes, start + labelBytes, pixels, image * 3 * plane);
    }
  }
  return { count, size, pixels, labels };
}

function interleave(planes: Uint8Array, from: number, pixels: Uint8Array, to: number): void {
  for (let i = 0; i < plane; i++) {
    pixels[to + 3 * i] = planes[from + i];
    pixels[to + 3 * i + 1] = planes[from + plane + i];
    pixels[to + 3 * i + 2] = planes[from + 2 * plane + i];
  }
}
