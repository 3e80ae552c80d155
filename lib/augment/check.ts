import { UserError } from '../core/errors';
import type { Extent } from '../data';

/** Width and height of an image; a number is both of a square one. */
export function extentOf(size: number | Extent): Extent {
  return typeof size === 'number' ? { width: size, height: size } : size;
}

/** @throws UserError unless `size`, the height and width of an image, is a positive integer. */
export function checkSize(what: string, size: number): void {
  if (!Number.isInteger(size) || size <= 0) {
    throw new UserError(`${what} is ${size} pixels. Give a positive whole number.`);
  }
}

/** @throws UserError unless an array has the length that its image needs. */
export function checkLength(what: string, actual: number, expected: number, shape: string): void {
  if (actual !== expected) {
    throw new UserError(`${what} has ${actual} values; ${shape} needs ${expected}. Pass the whole image.`);
  }
}
