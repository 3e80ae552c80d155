import { floats } from './memory';

// Parameter updates, in stretches of `perTask` values. The new values go to a place of their own: the backend's
// matrix product keeps a packed copy of its right side by its tensor, and would not see a change in place.

/** PyTorch's SGD: g += weightDecay * p; b = momentum * b + g; p -= lr * (nesterov ? g + momentum * b : b). */
export function sgdStep(
  task: i32,
  _thread: i32,
  parameter: usize,
  updated: usize,
  gradient: usize,
  buffer: usize,
  length: i32,
  perTask: i32,
  lr: f32,
  momentum: f32,
  weightDecay: f32,
  nesterov: bool,
): void {
  const end = floats(min(length, (task + 1) * perTask));
  const rate = f32x4.splat(lr), keep = f32x4.splat(momentum), decay = f32x4.splat(weightDecay);
  let i = floats(task * perTask);
  for (; i + 16 <= end; i += 16) {
    const p = v128.load(parameter + i);
    const g = f32x4.add(v128.load(gradient + i), f32x4.mul(decay, p));
    const b = f32x4.add(f32x4.mul(keep, v128.load(buffer + i)), g);
    const direction = nesterov ? f32x4.add(g, f32x4.mul(keep, b)) : b;
    v128.store(buffer + i, b);
    v128.store(updated + i, f32x4.sub(p, f32x4.mul(rate, direction)));
  }
  for (; i < end; i += 4) {
    const p = load<f32>(parameter + i);
    const g = load<f32>(gradient + i) + weightDecay * p;
    const b = momentum * load<f32>(buffer + i) + g;
    const direction = nesterov ? g + momentum * b : b;
    store<f32>(buffer + i, b);
    store<f32>(updated + i, p - lr * direction);
  }
}

/** updated = keep * target + take * source. */
export function movingAverage(
  task: i32,
  _thread: i32,
  target: usize,
  source: usize,
  updated: usize,
  length: i32,
  perTask: i32,
  keep: f32,
  take: f32,
): void {
  const end = floats(min(length, (task + 1) * perTask));
  const a = f32x4.splat(keep), b = f32x4.splat(take);
  let i = floats(task * perTask);
  for (; i + 16 <= end; i += 16) {
    const kept = f32x4.mul(a, v128.load(target + i));
    v128.store(updated + i, f32x4.add(kept, f32x4.mul(b, v128.load(source + i))));
  }
  for (; i < end; i += 4) {
    store<f32>(updated + i, keep * load<f32>(target + i) + take * load<f32>(source + i));
  }
}
