import { readFile } from 'node:fs/promises';
import type { JsColorType } from '@napi-rs/image';
import { UserError } from '../core/errors';

/** Images that are read and decoded at once: enough to keep the decoder's threads at work. */
const concurrency = 64;

/** Says by what images are decoded: another version may round otherwise. */
export function decoderVersion(): string {
  return `@napi-rs/image ${require('@napi-rs/image/package.json').version}`;
}

/**
 * Decodes JPEG files of size x size pixels, grayscale ones to RGB, one after the other into `pixels`.
 * @param onProgress told how many are decoded.
 * @throws UserError that names the file which is damaged, cut short or of another size. Damage in the middle of an
 * image, which still decodes to pixels, is not noticed: only `verifyDataset` finds it, where an install took its sums.
 */
export async function decodeJpegs(
  paths: readonly string[],
  size: number,
  pixels: Uint8Array,
  onProgress: (done: number) => void,
): Promise<void> {
  let next = 0;
  let done = 0;
  const decodeSome = async () => {
    while (next < paths.length) {
      const image = next++;
      writeRgb(await decode(paths[image], size), pixels, image * size * size * 3, size);
      onProgress(++done);
    }
  };
  try {
    await Promise.all(Array.from({ length: concurrency }, decodeSome));
  } finally {
    // After a failure the others have nothing more to take up.
    next = paths.length;
  }
}

async function decode(path: string, size: number): Promise<Uint8Array> {
  const { Transformer } = await import('@napi-rs/image');
  const bytes = await readFile(path);
  try {
    checkComplete(bytes);
    const image = new Transformer(bytes);
    const { width, height, colorType } = image.metadataSync();
    checkShape(width, height, colorType, size);
    return await image.rawPixels();
  } catch (error) {
    throw new UserError(
      `${path} cannot be used: ${(error as Error).message.trim()}. Get that file again, or remove the dataset's ` +
        'folder and fetch the dataset again.',
    );
  }
}

/** The decoder paints what is missing of an image gray; only the marker at its end says that it is whole. */
function checkComplete(bytes: Buffer): void {
  const [startOfScan, endOfImage] = [Buffer.of(0xff, 0xda), Buffer.of(0xff, 0xd9)];
  const scan = bytes.lastIndexOf(startOfScan);
  if (scan < 0) throw new Error(`its ${bytes.length} bytes are no JPEG image`);
  if (bytes.lastIndexOf(endOfImage) < scan) throw new Error(`it ends too early, after ${bytes.length} bytes`);
}

function checkShape(width: number, height: number, colorType: JsColorType, size: number): void {
  if (width !== size || height !== size) {
    throw new Error(`it is ${width}x${height} pixels; expected ${size}x${size}`);
  }
  // Values of JsColorType, which exists for the compiler alone.
  const [gray, rgb] = [0, 2];
  if (colorType !== gray && colorType !== rgb) throw new Error('it is neither grayscale nor RGB');
}

/** Copies an image of one or three channels into place. */
function writeRgb(image: Uint8Array, pixels: Uint8Array, to: number, size: number): void {
  if (image.length === 3 * size * size) pixels.set(image, to);
  else {
    image.forEach((value, i) => {
      pixels.fill(value, to + 3 * i, to + 3 * i + 3);
    });
  }
}
