import { clearFloats, floats } from './memory';

// 3x3 max pooling of stride 2 with a margin of 1 that never wins, over [batch, size, size, channels].

/** dx of the pooling of sample n: each output gradient goes to the first pixel of its window that equals the maximum. */
export function maxPoolGradient(
  n: i32,
  _thread: i32,
  dy: usize,
  x: usize,
  y: usize,
  dx: usize,
  height: i32,
  width: i32,
  channels: i32,
  outHeight: i32,
  outWidth: i32,
): void {
  clearFloats(dx + floats(n * height * width * channels), height * width * channels);
  let at = floats(n * outHeight * outWidth * channels);
  for (let oh = 0; oh < outHeight; oh++) {
    for (let ow = 0; ow < outWidth; ow++) {
      for (let c = 0; c < channels; c++) {
        const winner = findWinner(x, load<f32>(y + at), n, oh, ow, c, height, width, channels);
        store<f32>(dx + winner, load<f32>(dx + winner) + load<f32>(dy + at));
        at += 4;
      }
    }
  }
}

function findWinner(
  x: usize,
  maximum: f32,
  n: i32,
  oh: i32,
  ow: i32,
  c: i32,
  height: i32,
  width: i32,
  channels: i32,
): usize {
  for (let h = max(0, 2 * oh - 1); h < min(height, 2 * oh + 2); h++) {
    for (let w = max(0, 2 * ow - 1); w < min(width, 2 * ow + 2); w++) {
      const place = (<usize>(((n * height + h) * width + w) * channels + c)) << 2;
      if (load<f32>(x + place) == maximum) return place;
    }
  }
  return (<usize>(((n * height + 2 * oh) * width + 2 * ow) * channels + c)) << 2;
}
