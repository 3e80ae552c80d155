import type { Normalization } from '../data/dataset';
import { UserError, unknownName } from '../errors';
import type { Random } from '../random';
import { checkLength, checkSize } from './check';
import { colorJitter, type JitterStrength, sampleJitter } from './color-jitter';
import { gaussianBlur } from './gaussian-blur';
import { grayscale } from './grayscale';
import { horizontalFlip } from './horizontal-flip';
import { normalize } from './normalize';
import { type CropScale, sampleCrop } from './random-resized-crop';
import { resizedCrop } from './resized-crop';
import { reusableBytes } from './scratch';

export const recipeNames = ['strong', 'weak', 'linear-train', 'test'] as const;

export type RecipeName = (typeof recipeNames)[number];

/** How one view is made of one square picture. */
export interface Augmentation {
  name: RecipeName;
  /** Height and width in pixels of the views of a picture of this height and width. */
  viewSize(sourceSize: number): number;
  /** Draws a view and returns its pixels before normalisation, uint8 RGB [S, S, 3], to look at. */
  picture(source: Uint8Array, sourceSize: number, random: Random): Uint8Array;
  /**
   * Draws a view of `source`, uint8 RGB [sourceSize, sourceSize, 3], and writes it as normalised float32
   * [S, S, 3] to `out` from `outOffset` on.
   * @throws UserError when the source has another length or the view does not fit into `out`
   */
  apply(
    source: Uint8Array,
    sourceSize: number,
    random: Random,
    normalization: Normalization,
    out: Float32Array,
    outOffset: number,
  ): void;
}

const JITTER: JitterStrength = { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 };

/** The paper's strong view: crop, flip, colour jitter (p 0.8), grayscale (p 0.2), blur (p 0.5). */
export function strong(size: number): Augmentation {
  return cropping('strong', size, [0.2, 1], 0.5, (view, random) => {
    if (random.uniform() < 0.8) colorJitter(view, sampleJitter(random, JITTER));
    if (random.uniform() < 0.2) grayscale(view);
    if (random.uniform() < 0.5) gaussianBlur(view, size, random.uniform(0.1, 2));
  });
}

/** The paper's weak view: crop and flip. It flips with probability 0.9, as in the authors' code. */
export function weak(size: number): Augmentation {
  return cropping('weak', size, [0.2, 1], 0.9);
}

/** The training view of the linear evaluation: crop with torchvision's default scale, and flip. */
export function linearTrain(size: number): Augmentation {
  return cropping('linear-train', size, [0.08, 1], 0.5);
}

/** The view for evaluation: the picture itself, at its own size. */
export function testView(): Augmentation {
  return augmentation(
    'test',
    (sourceSize) => sourceSize,
    (source, _sourceSize, _random, out) => out.set(source),
  );
}

/**
 * The recipe of a name; `size` is the views' height and width, which `test` does not need.
 * @throws UserError for a name that is not in `recipeNames`
 */
export function recipe(name: RecipeName, size: number): Augmentation {
  switch (name) {
    case 'strong':
      return strong(size);
    case 'weak':
      return weak(size);
    case 'linear-train':
      return linearTrain(size);
    case 'test':
      return testView();
    default:
      throw unknownName('augmentation recipe', name, recipeNames);
  }
}

function cropping(
  name: RecipeName,
  size: number,
  scale: CropScale,
  flipProbability: number,
  recolor?: (view: Uint8Array, random: Random) => void,
): Augmentation {
  checkSize(`The view of recipe '${name}'`, size);
  return augmentation(
    name,
    () => size,
    (source, sourceSize, random, view) => {
      resizedCrop(source, sourceSize, sampleCrop(random, sourceSize, scale), size, view);
      if (random.uniform() < flipProbability) horizontalFlip(view, size);
      recolor?.(view, random);
    },
  );
}

function augmentation(
  name: RecipeName,
  viewSize: (sourceSize: number) => number,
  draw: (source: Uint8Array, sourceSize: number, random: Random, view: Uint8Array) => void,
): Augmentation {
  const scratch = reusableBytes();
  const drawInto = (source: Uint8Array, sourceSize: number, random: Random, view: Uint8Array) => {
    const expected = sourceSize * sourceSize * 3;
    checkLength('The picture', source.length, expected, `${sourceSize}x${sourceSize} RGB`);
    draw(source, sourceSize, random, view);
  };
  return {
    name,
    viewSize,
    picture(source, sourceSize, random) {
      const view = new Uint8Array(viewSize(sourceSize) ** 2 * 3);
      drawInto(source, sourceSize, random, view);
      return view;
    },
    apply(source, sourceSize, random, normalization, out, outOffset) {
      const length = viewSize(sourceSize) ** 2 * 3;
      if (!(outOffset >= 0 && outOffset + length <= out.length)) {
        throw new UserError(
          `A view of ${length} values does not fit at ${outOffset} of an array of ${out.length}. Give a longer array.`,
        );
      }
      const view = scratch(length).subarray(0, length);
      drawInto(source, sourceSize, random, view);
      normalize(view, normalization, out, outOffset);
    },
  };
}
