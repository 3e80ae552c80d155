import { UserError } from '../core/errors';
import { randomStream } from '../core/random';

export interface TsneOptions {
  seed?: number;
  /** About how many neighbors each point attends to. Default 30. */
  perplexity?: number;
  /** Steps of the descent. Default 1,000. */
  iterations?: number;
  /** Default 200. */
  learningRate?: number;
  /** How much stronger neighbors attract each other in the first 250 steps. Default 12. */
  earlyExaggeration?: number;
  /** Told after every 10th step. */
  onProgress?: (iteration: number, iterations: number) => void;
}

/** Points [count, 2], row after row, and how far their neighborhoods are from the data's. */
export interface TsneResult {
  points: Float64Array;
  /** Kullback-Leibler divergence at the end; 0 would be the same neighborhoods. */
  divergence: number;
}

/** How strongly points attract each other: row i's entries are `start[i]`..`start[i + 1] - 1`. */
interface Affinities {
  start: Int32Array;
  column: Int32Array;
  /** Sum to 1 over all rows. */
  value: Float64Array;
}

/** Steps with exaggerated attraction and the lower momentum. */
const earlySteps = 250;

/**
 * t-SNE in two dimensions (van der Maaten and Hinton, 2008), with the defaults of scikit-learn 1.0: attraction by
 * the 3 perplexity nearest neighbors, random start. Repulsion is exact, so time grows with the square of the count.
 * @param rows [count, features], row after row.
 * @throws UserError where there are too few points for the perplexity.
 */
export async function tsne(
  rows: ArrayLike<number>,
  count: number,
  options: TsneOptions = {},
): Promise<TsneResult> {
  const { seed = 0, perplexity = 30, iterations = 1000, learningRate = 200 } = options;
  if (perplexity >= count) {
    throw new UserError(
      `Perplexity ${perplexity} needs more than ${count} points: give a smaller one, or more points.`,
    );
  }
  const affinities = symmetric(neighborAffinities(rows, count, perplexity), count);
  const random = randomStream(seed, 'projection');
  const points = Float64Array.from({ length: 2 * count }, () => 1e-4 * random.normal());
  const descent = new Descent(points, learningRate);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const early = iteration < earlySteps;
    const exaggeration = early ? (options.earlyExaggeration ?? 12) : 1;
    descent.step(gradient(affinities, points, exaggeration), early ? 0.5 : 0.8);
    if (iteration % 10 === 9) {
      options.onProgress?.(iteration + 1, iterations);
      // Between steps the process can answer a signal.
      await new Promise(setImmediate);
    }
  }
  return { points, divergence: divergence(affinities, points) };
}

/** Of each point to its neighbors: a normal density as wide as the perplexity asks for. Rows sum to 1. */
function neighborAffinities(rows: ArrayLike<number>, count: number, perplexity: number): Affinities {
  const k = Math.min(count - 1, Math.floor(3 * perplexity + 1));
  const column = new Int32Array(count * k);
  const value = new Float64Array(count * k);
  for (let i = 0; i < count; i++) {
    const distances = squaredDistances(rows, count, i);
    const nearest = nearestColumns(distances, i, k);
    column.set(nearest, i * k);
    value.set(
      densities(
        Float64Array.from(nearest, (j) => distances[j]),
        perplexity,
      ),
      i * k,
    );
  }
  return { start: Int32Array.from({ length: count + 1 }, (_, i) => i * k), column, value };
}

function squaredDistances(rows: ArrayLike<number>, count: number, i: number): Float64Array {
  const length = rows.length / count;
  const distances = new Float64Array(count);
  for (let j = 0; j < count; j++) {
    let sum = 0;
    for (let f = 0; f < length; f++) {
      const difference = rows[i * length + f] - rows[j * length + f];
      sum += difference * difference;
    }
    distances[j] = sum;
  }
  return distances;
}

/** The k nearest others of point i; of equally far ones those that come first. */
function nearestColumns(distances: Float64Array, i: number, k: number): Int32Array {
  const others = distances.map((distance, j) => (j === i ? Infinity : distance));
  const radius = others.slice().sort()[k - 1];
  const nearest: number[] = [];
  for (let j = 0; j < others.length; j++) if (others[j] < radius) nearest.push(j);
  for (let j = 0; nearest.length < k; j++) if (others[j] === radius) nearest.push(j);
  return Int32Array.from(nearest);
}

/** exp(-beta d) with the beta whose entropy is log(perplexity), found by halving; sums to 1. */
function densities(distances: Float64Array, perplexity: number): Float64Array {
  const target = Math.log(perplexity);
  const nearest = distances.reduce((a, b) => Math.min(a, b));
  let [beta, low, high] = [1, 0, Infinity];
  let row = distances;
  for (let round = 0; round < 100; round++) {
    // Counted from the nearest, the largest density is 1 and never vanishes.
    row = distances.map((distance) => Math.exp(-beta * (distance - nearest)));
    const sum = row.reduce((a, b) => a + b);
    row = row.map((density) => density / sum);
    const mean = row.reduce((total, density, j) => total + density * (distances[j] - nearest), 0);
    const excess = Math.log(sum) + beta * mean - target;
    if (Math.abs(excess) <= 1e-5) break;
    if (excess > 0) low = beta;
    else high = beta;
    beta = high === Infinity ? beta * 2 : (low + high) / 2;
  }
  return row;
}

/** The mean of the affinities in both directions, all together summing to 1. */
function symmetric({ start, column, value }: Affinities, count: number): Affinities {
  const rows = Array.from({ length: count }, () => new Map<number, number>());
  for (let i = 0; i < count; i++) {
    for (let entry = start[i]; entry < start[i + 1]; entry++) {
      const [j, half] = [column[entry], value[entry] / (2 * count)];
      rows[i].set(j, (rows[i].get(j) ?? 0) + half);
      rows[j].set(i, (rows[j].get(i) ?? 0) + half);
    }
  }
  const starts = new Int32Array(count + 1);
  rows.forEach((row, i) => {
    starts[i + 1] = starts[i] + row.size;
  });
  return {
    start: starts,
    column: Int32Array.from(rows.flatMap((row) => [...row.keys()])),
    value: Float64Array.from(rows.flatMap((row) => [...row.values()])),
  };
}

/** Of the divergence to each point's place, where `exaggeration` multiplies the attraction. */
function gradient(affinities: Affinities, points: Float64Array, exaggeration: number): Float64Array {
  const { gradient, total } = repulsion(points);
  for (let i = 0; i < gradient.length; i++) gradient[i] *= -4 / total;
  const { start, column, value } = affinities;
  for (let i = 0; i < points.length / 2; i++) {
    for (let entry = start[i]; entry < start[i + 1]; entry++) {
      const j = column[entry];
      const pull = 4 * exaggeration * value[entry] * closeness(points, i, j);
      gradient[2 * i] += pull * (points[2 * i] - points[2 * j]);
      gradient[2 * i + 1] += pull * (points[2 * i + 1] - points[2 * j + 1]);
    }
  }
  return gradient;
}

/** Kullback-Leibler divergence of the places' neighborhoods from the affinities. */
function divergence({ start, column, value }: Affinities, points: Float64Array): number {
  const { total } = repulsion(points);
  let sum = 0;
  for (let i = 0; i < points.length / 2; i++) {
    for (let entry = start[i]; entry < start[i + 1]; entry++) {
      const [p, q] = [value[entry], closeness(points, i, column[entry]) / total];
      if (p > 0) sum += p * Math.log(p / q);
    }
  }
  return sum;
}

/** Student's t kernel of two points: 1 where they meet. */
function closeness(points: Float64Array, i: number, j: number): number {
  const dx = points[2 * i] - points[2 * j];
  const dy = points[2 * i + 1] - points[2 * j + 1];
  return 1 / (1 + dx * dx + dy * dy);
}

/** Sums of closeness squared times difference over all other points, and of the closeness over all pairs. */
function repulsion(points: Float64Array): { gradient: Float64Array; total: number } {
  const gradient = new Float64Array(points.length);
  let total = 0;
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    let sumX = 0;
    let sumY = 0;
    for (let j = i + 2; j < points.length; j += 2) {
      const dx = x - points[j];
      const dy = y - points[j + 1];
      const close = 1 / (1 + dx * dx + dy * dy);
      total += close;
      const push = close * close;
      sumX += push * dx;
      sumY += push * dy;
      gradient[j] -= push * dx;
      gradient[j + 1] -= push * dy;
    }
    gradient[i] += sumX;
    gradient[i + 1] += sumY;
  }
  return { gradient, total: 2 * total };
}

/** Gradient descent with momentum and a gain for each coordinate (Jacobs, 1988). */
class Descent {
  private readonly update: Float64Array;
  private readonly gains: Float64Array;

  constructor(
    private readonly points: Float64Array,
    private readonly learningRate: number,
  ) {
    this.update = new Float64Array(points.length);
    this.gains = new Float64Array(points.length).fill(1);
  }

  step(gradient: Float64Array, momentum: number): void {
    const { points, update, gains } = this;
    for (let i = 0; i < points.length; i++) {
      gains[i] = update[i] * gradient[i] < 0 ? gains[i] + 0.2 : Math.max(0.01, gains[i] * 0.8);
      update[i] = momentum * update[i] - this.learningRate * gains[i] * gradient[i];
      points[i] += update[i];
    }
  }
}
