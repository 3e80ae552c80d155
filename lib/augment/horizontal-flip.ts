/** Mirrors an image left to right, in place: uint8 RGB [height, size, 3]. */
export function horizontalFlip(image: Uint8Array, size: number): void {
  const stride = size * 3;
  for (let row = 0; row < image.length; row += stride) {
    let left = row;
    let right = row + stride - 3;
    while (left < right) {
      for (let channel = 0; channel < 3; channel++) {
        const value = image[left + channel];
        image[left + channel] = image[right + channel];
        image[right + channel] = value;
      }
      left += 3;
      right -= 3;
    }
  }
}
