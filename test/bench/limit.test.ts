import assert from 'node:assert/strict';
import { type MultiplyAdds, stepMultiplyAdds } from '../../bench/limit';
import { presetConfig } from '../../lib/presets/presets';

describe('The multiply-adds of a training step', () => {
  const ofWidth = (width: number): MultiplyAdds =>
    stepMultiplyAdds(
      presetConfig({ preset: 'paper', method: 'mnn', dataset: 'cifar10', override: { model: { width } } }),
    );
  /** GFLOP/s of 54 images in a second at width 64. */
  const gigaflops = (multiplyAdds: number) => (54 * 2 * multiplyAdds) / 1e9;
  const about = (actual: number, expected: number, tolerance: number) =>
    assert.ok(Math.abs(actual - expected) < tolerance, `${actual} is not about ${expected}`);

  it('are those of eight forward passes of ResNet-18, of 555 million each for 32 pixels, and the heads', () => {
    const backbone = 8 * 555_417_600 - 2 * 1_769_472;
    const [projection, prediction, neighbors] = [512 * 2048 + 2048 * 128, 2 * 128 * 2048, 4096 * 128];
    assert.equal(ofWidth(64).direct, backbone + 8 * projection + 6 * prediction + 2 * neighbors);
    about(gigaflops(ofWidth(64).direct), 479, 3);
  });

  it('fall to a quarter in the 3x3 convolutions of stride 1 by Winograd, and nowhere else', () => {
    const { direct, winograd } = ofWidth(64);
    const stages = 8 * 13 * 37_748_736;
    const stem = 6 * 1_769_472;
    assert.equal(winograd, direct - 0.75 * (stages + stem));
    // A quarter of all of them would be 120.
    about(gigaflops(winograd), 162, 1);
    about(gigaflops(direct / 4), 120, 1);
  });

  it('grow with the square of the width, but for the stem and the heads', () => {
    about(ofWidth(64).direct / ofWidth(16).direct, 16, 1.5);
  });
});
