import { luma } from './grayscale';

// A local name: inside the loops an imported one would be looked up in its module at every pixel.
const lumaOf = luma;
const table = new Uint8Array(256);

/** Brightness of torchvision's ColorJitter, in place: 0 gives black, 1 the same uint8 RGB picture. */
export function adjustBrightness(picture: Uint8Array, factor: number): void {
  blendWithConstant(picture, 0, factor);
}

/** Contrast of torchvision's ColorJitter, in place: 0 gives the picture's mean luma, 1 the same picture. */
export function adjustContrast(picture: Uint8Array, factor: number): void {
  let sum = 0;
  for (let i = 0; i < picture.length; i += 3) sum += lumaOf(picture[i], picture[i + 1], picture[i + 2]);
  blendWithConstant(picture, Math.trunc(sum / (picture.length / 3) + 0.5), factor);
}

/** Saturation of torchvision's ColorJitter, in place: 0 gives each pixel's luma, 1 the same picture. */
export function adjustSaturation(picture: Uint8Array, factor: number): void {
  const alpha = Math.fround(factor);
  for (let i = 0; i < picture.length; i += 3) {
    const gray = lumaOf(picture[i], picture[i + 1], picture[i + 2]);
    picture[i] = blend(gray, picture[i], alpha);
    picture[i + 1] = blend(gray, picture[i + 1], alpha);
    picture[i + 2] = blend(gray, picture[i + 2], alpha);
  }
}

function blendWithConstant(picture: Uint8Array, constant: number, factor: number): void {
  const alpha = Math.fround(factor);
  for (let value = 0; value < 256; value++) table[value] = blend(constant, value, alpha);
  for (let i = 0; i < picture.length; i++) picture[i] = table[picture[i]];
}

/** Pillow's Image.blend of two uint8 values: float32 arithmetic, cut off towards zero, clipped. */
function blend(from: number, to: number, alpha: number): number {
  const value = Math.fround(from + Math.fround(alpha * (to - from)));
  return value <= 0 ? 0 : value >= 255 ? 255 : value | 0;
}
