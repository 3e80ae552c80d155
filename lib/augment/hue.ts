import { UserError } from '../core/errors';

/** The sector of the color wheel (0-5) of each uint8 hue, and how far into the sector it lies. */
const sector = new Uint8Array(256);
const intoSector = new Float32Array(256);
for (let hue = 0; hue < 256; hue++) {
  sector[hue] = Math.floor((hue * 6) / 255) % 6;
  intoSector[hue] = (hue * 6) / 255 - Math.floor((hue * 6) / 255);
}

/**
 * What Pillow's uint8 hues are turned by for a share of a full turn.
 * @throws UserError when the factor is outside -0.5..0.5
 */
export function hueTurn(factor: number): number {
  if (!(factor >= -0.5 && factor <= 0.5)) {
    throw new UserError(
      `The hue factor is ${factor}. Give a number from -0.5 to 0.5, a share of a full turn.`,
    );
  }
  return Math.trunc(factor * 255);
}

/**
 * Hue of torchvision's ColorJitter, in place: turns the color wheel of a uint8 RGB image by `factor` of a
 * full turn, through Pillow's uint8 HSV. Even factor 0 changes colors a little, as HSV is rounded.
 * @throws UserError when the factor is outside -0.5..0.5
 */
export function adjustHue(image: Uint8Array, factor: number): void {
  const turn = hueTurn(factor);
  for (let i = 0; i < image.length; i += 3) {
    const red = image[i];
    const green = image[i + 1];
    const blue = image[i + 2];
    const value = Math.max(red, green, blue);
    const chroma = value - Math.min(red, green, blue);
    // A gray pixel has saturation 0 and stays what it is at every hue.
    if (chroma === 0) continue;
    const hue = (hueOf(red, green, blue, value, chroma) + turn) & 255;
    writeHsv(image, i, hue, saturationOf(value, chroma), value);
  }
}

/** Pillow's uint8 saturation of a color with this largest channel and this spread of channels. */
export function saturationOf(value: number, chroma: number): number {
  return (Math.fround(chroma / value) * 255) | 0;
}

/** Pillow's uint8 hue of a color that is not gray; quotients are float32, sums are not. */
export function hueOf(red: number, green: number, blue: number, value: number, chroma: number): number {
  const fromRed = Math.fround((value - red) / chroma);
  const fromGreen = Math.fround((value - green) / chroma);
  const fromBlue = Math.fround((value - blue) / chroma);
  let sixths: number;
  if (red === value) sixths = fromBlue - fromGreen;
  else if (green === value) sixths = 2 + fromRed - fromBlue;
  else sixths = 4 + fromGreen - fromRed;
  const turns = Math.fround(sixths) / 6 + 1;
  return (Math.fround(turns >= 1 ? turns - 1 : turns) * 255) | 0;
}

/** Writes Pillow's RGB of a uint8 HSV color at `i`. */
export function writeHsv(image: Uint8Array, i: number, hue: number, saturation: number, value: number): void {
  const part = intoSector[hue];
  const share = Math.fround(saturation / 255);
  const p = (value * (1 - share) + 0.5) | 0;
  const q = (value * (1 - share * part) + 0.5) | 0;
  const t = (value * (1 - share * (1 - part)) + 0.5) | 0;
  switch (sector[hue]) {
    case 0:
      writePixel(image, i, value, t, p);
      break;
    case 1:
      writePixel(image, i, q, value, p);
      break;
    case 2:
      writePixel(image, i, p, value, t);
      break;
    case 3:
      writePixel(image, i, p, q, value);
      break;
    case 4:
      writePixel(image, i, t, p, value);
      break;
    default:
      writePixel(image, i, value, p, q);
  }
}

function writePixel(image: Uint8Array, i: number, red: number, green: number, blue: number): void {
  image[i] = red;
  image[i + 1] = green;
  image[i + 2] = blue;
}
