import { luma } from './grayscale';

// A local name: inside the loops an imported one would be looked up in its module at every pixel.
const lumaOf = luma;
const table = new Uint8Array(256);

/** Brightness of torchvision's ColorJitter, in place: 0 gives black, 1 the same uint8 RGB image. */
export function adjustBrightness(image: Uint8Array, factor: number): void {
  blendWithConstant(image, 0, factor);
}

/** Contrast of torchvision's ColorJitter, in place: 0 gives the image's mean luma, 1 the same image. */
export function adjustContrast(image: Uint8Array, factor: number): void {
  let sum = 0;
  for (let i = 0; i < image.length; i += 3) sum += lumaOf(image[i], image[i + 1], image[i + 2]);
  blendWithConstant(image, Math.trunc(sum / (image.length / 3) + 0.5), factor);
}

/** Saturation of torchvision's ColorJitter, in place: 0 gives each pixel's luma, 1 the same image. */
export function adjustSaturation(image: Uint8Array, factor: number): void {
  const alpha = Math.fround(factor);
  for (let i = 0; i < image.length; i += 3) {
    const gray = lumaOf(image[i], image[i + 1], image[i + 2]);
    image[i] = blend(gray, image[i], alpha);
    image[i + 1] = blend(gray, image[i + 1], alpha);
    image[i + 2] = blend(gray, image[i + 2], alpha);
  }
}

function blendWithConstant(image: Uint8Array, constant: number, factor: number): void {
  const alpha = Math.fround(factor);
  for (let value = 0; value < 256; value++) table[value] = blend(constant, value, alpha);
  for (let i = 0; i < image.length; i++) image[i] = table[image[i]];
}

/** Pillow's Image.blend of two uint8 values: float32 arithmetic, cut off toward zero, clipped. */
function blend(from: number, to: number, alpha: number): number {
  const value = Math.fround(from + Math.fround(alpha * (to - from)));
  return value <= 0 ? 0 : value >= 255 ? 255 : value | 0;
}
