/**
 * Writes an image as interleaved float32: each byte's value in `table`, which has 256 for each channel.
 * @param flip whether to mirror the image left to right
 */
export function write(
  planes: usize,
  planeBytes: usize,
  size: i32,
  flip: bool,
  table: usize,
  out: usize,
): void {
  const start: usize = flip ? <usize>(size - 1) : 0;
  const step: isize = flip ? -1 : 1;
  for (let y = 0; y < size; y++) {
    let at = planes + y * size + start;
    for (let x = 0; x < size; x++) {
      const r = <usize>load<u8>(at), g = <usize>load<u8>(at + planeBytes), b = <usize>load<u8>(at + 2 * planeBytes);
      store<f32>(out, load<f32>(table + (r << 2)));
      store<f32>(out + 4, load<f32>(table + (g << 2), 1024));
      store<f32>(out + 8, load<f32>(table + (b << 2), 2048));
      out += 12;
      at += step;
    }
  }
}
