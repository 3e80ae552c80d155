import { UserError } from '../core/errors';
import { type Images, pixelsOf, type StoredImages } from '../data';
import { type ChartSpec, type Layer, pixel, vegaLiteSchema } from './spec';
import { themeConfig, themeInks } from './theme';

export interface ImageGridOptions {
  title?: string;
  /** Below each image, in their order. */
  captions?: readonly string[];
  /** Images in a row; 8 unless said otherwise. */
  columns?: number;
}

/** Most images of a grid; the rest is left out, and the subtitle says so. */
const maxImages = 64;
/** Least width of a drawn image, in pixels. */
const minSide = 80;
/** Room between two images, in pixels. */
export const gap = 8;
const captionHeight = 16;

/**
 * Images side by side with their captions, as a Vega-Lite chart. Small ones are drawn larger, pixel by pixel.
 * @throws UserError where there are no images, or captions for another number of them.
 */
export async function imageGrid(
  images: Images | StoredImages,
  options: ImageGridOptions = {},
): Promise<ChartSpec> {
  const { title, captions, columns = 8 } = options;
  if (images.count === 0) throw new UserError('There are no images to show.');
  if (captions && captions.length !== images.count) {
    throw new UserError(
      `There are ${captions.length} captions for ${images.count} images: give one for each, or none.`,
    );
  }
  const count = Math.min(images.count, maxImages);
  const factor = enlargement(images.size);
  const side = factor * images.size;
  const [across, down] = [side + gap, side + gap + (captions ? captionHeight : 0)];
  const cells = await Promise.all(
    Array.from({ length: count }, async (_, i) => ({
      uri: await enlargedUri(images, i, factor),
      caption: captions?.[i] ?? '',
      x: (i % columns) * across,
      y: Math.floor(i / columns) * down,
    })),
  );
  return {
    $schema: vegaLiteSchema,
    ...(title !== undefined && { title: { text: title, ...leftOut(images.count, count) } }),
    description: describe(images, captions),
    width: Math.min(count, columns) * across - gap,
    height: Math.ceil(count / columns) * down - gap,
    data: { values: cells },
    layer: [
      imageLayer(side),
      {
        mark: {
          type: 'text',
          align: 'left',
          baseline: 'top',
          dy: side + 3,
          fontSize: 10,
          limit: side,
          color: themeInks('light').text,
        },
        encoding: { x: pixel('x'), y: pixel('y'), text: { field: 'caption', type: 'nominal' } },
      },
    ],
    config: themeConfig('light'),
  };
}

/** Draws the images of the data, `side` pixels wide and high, each at its place. */
export function imageLayer(side: number): Layer {
  return {
    mark: { type: 'image', align: 'left', baseline: 'top', width: side, height: side, smooth: false },
    encoding: { x: pixel('x'), y: pixel('y'), url: { field: 'uri', type: 'nominal' } },
  };
}

/** How many times as large images of this size have to be drawn. */
export function enlargement(size: number): number {
  return Math.max(1, Math.ceil(minSide / size));
}

/** One image as a data URI, with every pixel `factor` times as wide and high: viewers would blur it. */
export function enlargedUri(images: Images | StoredImages, index: number, factor: number): Promise<string> {
  return imageUri(enlarged(images, index, factor), 0);
}

function leftOut(count: number, shown: number): { subtitle?: string } {
  return count > shown ? { subtitle: `The first ${shown} of ${count} images` } : {};
}

function describe({ count, size }: Images | StoredImages, captions: readonly string[] | undefined): string {
  const what = `${count} ${count === 1 ? 'image' : 'images'} of ${size} x ${size} pixels`;
  return captions ? `${what}: ${captions.join(', ')}` : what;
}

function enlarged(images: Images | StoredImages, index: number, factor: number): Images {
  const { size } = images;
  const pixels = pixelsOf(images, index, 1);
  const side = size * factor;
  const out = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const from = 3 * (Math.floor(y / factor) * size + Math.floor(x / factor));
      out.set(pixels.subarray(from, from + 3), 3 * (y * side + x));
    }
  }
  return { count: 1, size: side, pixels: out };
}

/** One image of a dataset as a PNG in a data URI, which a chart can show without any file beside it. */
export async function imageUri(images: Images | StoredImages, index: number): Promise<string> {
  const { Transformer } = await import('@napi-rs/image');
  const { size } = images;
  const pixels = pixelsOf(images, index, 1);
  const rgba = new Uint8Array(size * size * 4).fill(255);
  for (let pixel = 0; pixel < size * size; pixel++) {
    rgba.set(pixels.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
  }
  const png = await Transformer.fromRgbaPixels(rgba, size, size).png();
  return `data:image/png;base64,${png.toString('base64')}`;
}
