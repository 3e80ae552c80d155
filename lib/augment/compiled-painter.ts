import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../core/errors';
import { packageRoot } from '../core/paths';
import type { Normalization } from '../data';
import { gaussianBox, PASSES } from './gaussian-blur';
import { hueTurn } from './hue';
import { normalizationTable } from './normalize';
import { resizeWeights } from './resize-weights';
import type { ViewPlan } from './view-plan';

type Operations = Record<
  | 'resizeRows'
  | 'resizeColumns'
  | 'brightness'
  | 'contrast'
  | 'saturation'
  | 'hue'
  | 'grayscale'
  | 'blur'
  | 'write',
  (...numbers: number[]) => void
>;

/** Where the weights that resize an axis of some length lie, and how many pairs of taps an output pixel has. */
interface WeightTable {
  address: number;
  pairs: number;
}

const PAGE_BYTES = 65536;
/** The operations work on 16 bytes at a time and may touch this many behind the end. */
const SLACK = 16;
/** The blur's sums of 16 bits hold this many pixels on both sides. */
const MAX_REACH = 63;
const TABLE_LENGTH = 3 * 256;

let compiled: WebAssembly.Module | undefined;

/**
 * Paints planned views of images, neither side longer than `sourceSize`, normalized, in WebAssembly: bit for bit what `paintView`
 * and `normalize` make. Each painter has memory of its own, in which all its images and tables lie.
 */
export class CompiledPainter {
  private readonly operations: Operations;
  private readonly source: Uint8Array;
  private readonly rows: number;
  private readonly rowBytes: number;
  private readonly planes: number;
  private readonly planeBytes: number;
  private readonly blurring: number;
  private readonly table: Float32Array;
  private readonly view: Float32Array;
  /** By the length of the axis that is resized. */
  private readonly weights: WeightTable[] = [];
  /** In the numbering of `Jitter`. */
  private readonly jitters: ((factor: number) => void)[];

  constructor(
    readonly sourceSize: number,
    private readonly size: number,
  ) {
    let end = 0;
    const reserve = (bytes: number) => {
      const address = end;
      end += roundUp(bytes + SLACK, 16);
      return address;
    };
    const count = size * size;
    const source = reserve(sourceSize * sourceSize * 3);
    this.rowBytes = roundUp(size, 16) * 4;
    // One more than can be: the last pair of taps may have a second one without weight.
    this.rows = reserve((sourceSize + 1) * this.rowBytes);
    this.planeBytes = roundUp(count, 16) + SLACK;
    this.planes = reserve(3 * this.planeBytes);
    this.blurring = reserve(2 * (size + 2 * MAX_REACH + 16) ** 2);
    const table = reserve(TABLE_LENGTH * 4);
    const view = reserve(count * 12);
    const packed = Array.from({ length: sourceSize }, (_, i) => packWeights(i + 1, size));
    for (const [i, { words, pairs }] of packed.entries()) {
      this.weights[i + 1] = { address: reserve(words.byteLength), pairs };
    }

    const memory = new WebAssembly.Memory({ initial: Math.ceil(end / PAGE_BYTES) });
    this.source = new Uint8Array(memory.buffer, source, sourceSize * sourceSize * 3);
    this.table = new Float32Array(memory.buffer, table, TABLE_LENGTH);
    this.view = new Float32Array(memory.buffer, view, count * 3);
    for (const [i, { words }] of packed.entries()) {
      new Int32Array(memory.buffer, this.weights[i + 1].address, words.length).set(words);
    }
    this.operations = instantiate(memory);
    const { brightness, contrast, saturation, hue } = this.operations;
    this.jitters = [
      (factor) => brightness(this.planes, this.planeBytes, factor),
      (factor) => contrast(this.planes, this.planeBytes, count, factor),
      (factor) => saturation(this.planes, this.planeBytes, count, factor),
      (factor) => hue(this.planes, this.planeBytes, count, hueTurn(factor)),
    ];
  }

  /**
   * @param source uint8 RGB [height, width, 3]
   * @param out takes the view, float32 [size, size, 3], from `outOffset` on
   * @throws UserError for a blur that is wider than the compiled one can be
   */
  paint(
    source: Uint8Array,
    { crop, flip, jitter, gray, sigma }: ViewPlan,
    normalization: Normalization,
    out: Float32Array,
    outOffset: number,
    width = this.sourceSize,
  ): void {
    const { planes, planeBytes, size, operations } = this;
    this.source.set(source);
    this.crop(crop, width);
    if (jitter) {
      for (let i = 0; i < jitter.order.length; i++) {
        this.jitters[jitter.order[i]](jitter.factors[jitter.order[i]]);
      }
    }
    if (gray) operations.grayscale(planes, planeBytes, size * size);
    if (sigma !== undefined) this.blur(sigma);
    this.table.set(normalizationTable(normalization));
    // Mirrored last, which makes no difference to the other operations and costs nothing.
    operations.write(planes, planeBytes, size, Number(flip), this.table.byteOffset, this.view.byteOffset);
    out.set(this.view, outOffset);
  }

  private crop({ top, left, height, width }: ViewPlan['crop'], sourceWidth: number): void {
    const { size, rows, rowBytes, planes, planeBytes, operations } = this;
    const corner = this.source.byteOffset + (top * sourceWidth + left) * 3;
    const across = this.weights[width];
    const down = this.weights[height];
    operations.resizeRows(
      corner,
      sourceWidth * 3,
      height,
      across.address,
      across.pairs,
      size,
      rows,
      rowBytes,
    );
    operations.resizeColumns(rows, rowBytes, down.address, down.pairs, size, planes, planeBytes);
  }

  private blur(sigma: number): void {
    const { reach, weight, endWeight } = gaussianBox(sigma);
    if (reach > MAX_REACH) {
      throw new UserError(`The blur's sigma is ${sigma} pixels. Give at most ${MAX_REACH}.`);
    }
    const { planes, planeBytes, size, blurring, operations } = this;
    operations.blur(planes, planeBytes, size, reach, weight, endWeight, PASSES, blurring);
  }
}

/** The weights of an axis in the form that `assembly/resize.ts` describes. */
function packWeights(inputSize: number, size: number): { words: Int32Array; pairs: number } {
  const { taps, first, weights } = resizeWeights(inputSize, size);
  const pairs = Math.ceil(taps / 2);
  const entryLength = 1 + 2 * pairs;
  const words = new Int32Array(roundUp(size, 4) * entryLength);
  for (let output = 0; output < size; output++) {
    const weight = (tap: number) => (tap < taps ? weights[output * taps + tap] : 0);
    const entry = output * entryLength;
    words[entry] = first[output];
    for (let pair = 0; pair < pairs; pair++) {
      const [one, other] = [weight(2 * pair), weight(2 * pair + 1)];
      words[entry + 1 + 2 * pair] = (one >> 11) | ((other >> 11) << 16);
      words[entry + 2 + 2 * pair] = (one & 2047) | ((other & 2047) << 16);
    }
  }
  return { words, pairs };
}

function instantiate(memory: WebAssembly.Memory): Operations {
  compiled ??= new WebAssembly.Module(readFileSync(join(packageRoot, 'augment', 'wasm', 'views.wasm')));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  return exports as unknown as Operations;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
