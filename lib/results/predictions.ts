import { UserError } from '../core/errors';

/**
 * Packs a class for each test image into base64, with as few bits an image as the number of classes needs: 10,000
 * images of 10 classes take 6.7 kB.
 * @param predictions classes from 0 to `classes` - 1, or -1 if a network's scores are not numbers.
 * @throws UserError for another class.
 */
export function packPredictions(predictions: Int32Array, classes: number): string {
  const bits = bitsOf(classes);
  const bytes = new Uint8Array(Math.ceil((predictions.length * bits) / 8));
  predictions.forEach((predicted, i) => {
    if (predicted < -1 || predicted >= classes) {
      throw new UserError(`Prediction ${i} is class ${predicted}; there are ${classes} classes.`);
    }
    const value = predicted + 1;
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      bytes[at >> 3] |= ((value >> bit) & 1) << (at & 7);
    }
  });
  return Buffer.from(bytes).toString('base64');
}

/**
 * The classes that `packPredictions` packed.
 * @throws UserError if the text does not hold `count` predictions.
 */
export function unpackPredictions(packed: string, count: number, classes: number): Int32Array {
  const bits = bitsOf(classes);
  const bytes = Buffer.from(packed, 'base64');
  if (bytes.length !== Math.ceil((count * bits) / 8)) {
    throw new UserError(
      `The packed predictions have ${bytes.length} bytes; ${count} images of ${classes} classes need ` +
        `${Math.ceil((count * bits) / 8)}.`,
    );
  }
  return Int32Array.from({ length: count }, (_, i) => {
    let value = 0;
    for (let bit = 0; bit < bits; bit++) {
      const at = i * bits + bit;
      value |= ((bytes[at >> 3] >> (at & 7)) & 1) << bit;
    }
    return value - 1;
  });
}

/** Bits for the classes and for "none". */
function bitsOf(classes: number): number {
  return Math.ceil(Math.log2(classes + 1));
}
