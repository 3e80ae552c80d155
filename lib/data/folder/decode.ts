import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sharp } from 'sharp';
import type { Extent } from '../dataset';

/** More pixels than a camera has: beyond it, an image is refused by its header. */
const mostPixels = 2 ** 28;

/** The longer side is at most so many times the shorter one; what is beyond is cut off at both ends. */
const mostStretch = 3;

/** Says what images are decoded by: another version may round otherwise. */
export async function decoder(): Promise<string> {
  const { versions } = await sharp();
  return `sharp ${versions.sharp}, libvips ${versions.vips}`;
}

/** An image as it is kept: its shorter side has the size asked for. */
export interface DecodedImage extends Extent {
  /** uint8 RGB, row by row. */
  pixels: Uint8Array;
}

/**
 * Decodes an image, upright by its EXIF orientation, as 8-bit sRGB on white, its shorter side resized to `size`
 * (bilinear with antialiasing, as torchvision's Resize of a Pillow image).
 * @throws Error that says why it cannot be used, without the file's name.
 */
export async function decodeImage(folder: string, path: string, size: number): Promise<DecodedImage> {
  const bytes = await readFile(join(folder, path)).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`cannot be read (${error.code})`);
  });
  if (bytes.length === 0) throw new Error('is empty');
  const open = await sharp();
  const options = { failOn: 'error', limitInputPixels: false, autoOrient: true } as const;
  const { autoOrient, width, height } = await explained(open(bytes, options).metadata());
  if (width * height > mostPixels) {
    throw new Error(
      `is ${width} x ${height} pixels, more than ${mostPixels.toLocaleString('en')}: make it smaller`,
    );
  }
  const resized = middle(open(bytes, options), autoOrient)
    .resize({ width: size, height: size, fit: 'outside', kernel: 'linear' })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .raw();
  const { data, info } = await explained(resized.toBuffer({ resolveWithObject: true }));
  return { pixels: data, width: info.width, height: info.height };
}

/** Of an image that is very wide or high, its middle. */
function middle(image: Sharp, { width, height }: Extent): Sharp {
  const most = mostStretch * Math.min(width, height);
  if (Math.max(width, height) <= most) return image;
  const [across, down] = [Math.min(width, most), Math.min(height, most)];
  return image.extract({
    left: (width - across) >> 1,
    top: (height - down) >> 1,
    width: across,
    height: down,
  });
}

let loaded: Promise<typeof import('sharp')> | undefined;

/** The decoder, loaded and set up once: only folders of images need it. */
function sharp(): Promise<typeof import('sharp')> {
  loaded ??= import('sharp').then(({ default: open }) => {
    // Images are decoded side by side: each in one thread is fastest, and no image is asked for twice.
    open.concurrency(1);
    open.cache(false);
    return open;
  });
  return loaded;
}

/** The decoder's reason in a few words. */
function explained<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: Error) => {
    if (/unsupported image format/.test(error.message))
      throw new Error('is no image, whatever its name says');
    throw new Error(`cannot be decoded (${error.message.trim().split('\n')[0]})`);
  });
}
