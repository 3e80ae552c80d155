import { permutation, type Random } from '../core/random';
import { adjustBrightness, adjustContrast, adjustSaturation } from './blend';
import { adjustHue } from './hue';

/** The four operations of ColorJitter, in torchvision's numbering. */
const OPERATIONS = [adjustBrightness, adjustContrast, adjustSaturation, adjustHue] as const;

/** How far each factor of a jitter may be from doing nothing. */
export interface JitterStrength {
  brightness: number;
  contrast: number;
  saturation: number;
  hue: number;
}

/** One drawn jitter: the order of the operations (0 brightness, 1 contrast, 2 saturation, 3 hue), their factors. */
export interface Jitter {
  order: ArrayLike<number>;
  factors: ArrayLike<number>;
}

/** Draws a jitter as torchvision's ColorJitter does: any order, factors uniform around 1 (hue: around 0). */
export function sampleJitter(random: Random, strength: JitterStrength): Jitter {
  const order = permutation(random, OPERATIONS.length);
  const factors = [
    uniformAround(random, 1, strength.brightness),
    uniformAround(random, 1, strength.contrast),
    uniformAround(random, 1, strength.saturation),
    uniformAround(random, 0, strength.hue),
  ];
  return { order, factors };
}

function uniformAround(random: Random, center: number, spread: number): number {
  return random.uniform(center - spread, center + spread);
}

/** Applies a drawn jitter to a uint8 RGB image, in place. */
export function colorJitter(image: Uint8Array, { order, factors }: Jitter): void {
  for (let i = 0; i < order.length; i++) OPERATIONS[order[i]](image, factors[order[i]]);
}
