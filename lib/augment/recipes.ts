import { UserError, unknownName } from '../core/errors';
import type { Random } from '../core/random';
import type { Extent, Normalization } from '../data';
import { checkLength, checkSize, extentOf } from './check';
import { type JitterStrength, sampleJitter } from './color-jitter';
import { CompiledPainter } from './compiled-painter';
import { normalize } from './normalize';
import { type CropScale, sampleCrop } from './random-resized-crop';
import { paintView, type Recoloring, type ViewPlan } from './view-plan';

export const recipeNames = ['strong', 'weak', 'linear-train', 'test'] as const;

export type RecipeName = (typeof recipeNames)[number];

/** How one view is made of one image: a square one, whose size is a number, or one of any shape. */
export interface Augmentation {
  name: RecipeName;
  /** Height and width in pixels of the views of an image of this height and width. */
  viewSize(sourceSize: number): number;
  /** Whether views show the image from end to end; it has to be square then. */
  whole?: boolean;
  /** Draws a view and returns its pixels before normalization, uint8 RGB [S, S, 3], to look at. */
  image(source: Uint8Array, sourceSize: number | Extent, random: Random): Uint8Array;
  /**
   * Draws a view of `source`, uint8 RGB [height, width, 3], and writes it as normalized float32
   * [S, S, 3] to `out` from `outOffset` on.
   * @throws UserError when the source has another length or the view does not fit into `out`
   */
  apply(
    source: Uint8Array,
    sourceSize: number | Extent,
    random: Random,
    normalization: Normalization,
    out: Float32Array,
    outOffset: number,
  ): void;
}

const JITTER: JitterStrength = { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 };

/** The paper's strong view: crop, flip, color jitter (p 0.8), grayscale (p 0.2), blur (p 0.5). */
export function strong(size: number): Augmentation {
  return cropping('strong', size, [0.2, 1], 0.5, (random) => ({
    jitter: random.uniform() < 0.8 ? sampleJitter(random, JITTER) : undefined,
    gray: random.uniform() < 0.2,
    sigma: random.uniform() < 0.5 ? random.uniform(0.1, 2) : undefined,
  }));
}

/** The paper's weak view: crop and flip. It flips with probability 0.9, as in the authors' code. */
export function weak(size: number): Augmentation {
  return cropping('weak', size, [0.2, 1], 0.9);
}

/** The training view of the linear evaluation: crop with torchvision's default scale, and flip. */
export function linearTrain(size: number): Augmentation {
  return cropping('linear-train', size, [0.08, 1], 0.5);
}

/** The view for evaluation: the image itself, at its own size. */
export function testView(): Augmentation {
  return {
    name: 'test',
    whole: true,
    viewSize: (sourceSize) => sourceSize,
    image(source, sourceSize) {
      checkSource(source, sourceSize);
      return source.slice();
    },
    apply(source, sourceSize, _random, normalization, out, outOffset) {
      checkSource(source, sourceSize);
      checkRoom(source.length, out, outOffset);
      normalize(source, normalization, out, outOffset);
    },
  };
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
  recolor: (random: Random) => Recoloring = () => ({}),
): Augmentation {
  checkSize(`The view of recipe '${name}'`, size);
  const plan = (random: Random, sourceSize: number | Extent): ViewPlan => ({
    crop: sampleCrop(random, sourceSize, scale),
    flip: random.uniform() < flipProbability,
    ...recolor(random),
  });
  let painter: CompiledPainter | undefined;
  return {
    name,
    viewSize: () => size,
    image(source, sourceSize, random) {
      checkSource(source, sourceSize);
      const view = new Uint8Array(size * size * 3);
      paintView(source, sourceSize, plan(random, sourceSize), size, view);
      return view;
    },
    apply(source, sourceSize, random, normalization, out, outOffset) {
      checkSource(source, sourceSize);
      checkRoom(size * size * 3, out, outOffset);
      const { width, height } = extentOf(sourceSize);
      const longest = Math.max(width, height);
      // A painter for longer images paints shorter ones too; it grows in steps, since a new one costs time.
      if (!painter) painter = new CompiledPainter(longest, size);
      else if (painter.sourceSize < longest) {
        painter = new CompiledPainter(Math.max(longest, Math.ceil(1.5 * painter.sourceSize)), size);
      }
      painter.paint(source, plan(random, sourceSize), normalization, out, outOffset, width);
    },
  };
}

function checkSource(source: Uint8Array, sourceSize: number | Extent): void {
  const { width, height } = extentOf(sourceSize);
  checkLength('The image', source.length, width * height * 3, `${width}x${height} RGB`);
}

function checkRoom(length: number, out: Float32Array, outOffset: number): void {
  if (outOffset >= 0 && outOffset + length <= out.length) return;
  throw new UserError(
    `A view of ${length} values does not fit at ${outOffset} of an array of ${out.length}. Give a longer array.`,
  );
}
