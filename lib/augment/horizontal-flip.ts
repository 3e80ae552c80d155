/** Mirrors a picture left to right, in place: uint8 RGB [height, size, 3]. */
export function horizontalFlip(picture: Uint8Array, size: number): void {
  const stride = size * 3;
  for (let row = 0; row < picture.length; row += stride) {
    let left = row;
    let right = row + stride - 3;
    while (left < right) {
      for (let channel = 0; channel < 3; channel++) {
        const value = picture[left + channel];
        picture[left + channel] = picture[right + channel];
        picture[right + channel] = value;
      }
      left += 3;
      right -= 3;
    }
  }
}
