/** Pillow's luma, the conversion of RGB to `L`: ITU-R 601-2 weights in 16-bit fixed point. */
export function luma(red: number, green: number, blue: number): number {
  return (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
}

/** Replaces each pixel of a uint8 RGB image by its luma in all three channels, in place. */
export function grayscale(image: Uint8Array): void {
  for (let i = 0; i < image.length; i += 3) {
    const gray = luma(image[i], image[i + 1], image[i + 2]);
    image[i] = gray;
    image[i + 1] = gray;
    image[i + 2] = gray;
  }
}
