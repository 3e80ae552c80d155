import type { Images } from '../data';

/** One picture of a dataset as a PNG in a data URI, which a chart can show without any file beside it. */
export async function pictureUri({ pixels, size }: Images, index: number): Promise<string> {
  const { Transformer } = await import('@napi-rs/image');
  const rgba = new Uint8Array(size * size * 4).fill(255);
  const first = index * size * size * 3;
  for (let pixel = 0; pixel < size * size; pixel++) {
    rgba.set(pixels.subarray(first + 3 * pixel, first + 3 * pixel + 3), 4 * pixel);
  }
  const png = await Transformer.fromRgbaPixels(rgba, size, size).png();
  return `data:image/png;base64,${png.toString('base64')}`;
}
