// The single-precision matrix peak of the machine: how fast one large product is that does not fit the caches.
import { join } from 'node:path';
import type { Table } from '../lib/core/table';
import { type ContenderSettings, compare } from './contender';
import { kitContender } from './kit-contender';
import type { BenchmarkRecord } from './record';

/** [rows, depth] times [depth, columns]. */
export const peakProduct = { rows: 16_384, depth: 512, columns: 512 };

export type MatrixPeak = NonNullable<BenchmarkRecord['matrixPeaks']>[number];

/** The fastest of so many rounds is the peak. */
const rounds = 15;

/**
 * Measures the product of each engine (its 1x1 convolution, which is the same code as its other convolutions' products)
 * and of numpy's BLAS, with as many threads, in turns.
 */
export async function measurePeaks(
  engines: string[],
  python: string,
  threads: number,
): Promise<MatrixPeak[]> {
  const { rows, depth, columns } = peakProduct;
  const kits = engines.map((engine) =>
    kitContender(engine, engine, { task: 'product', width: columns, batch: 64 }),
  );
  const sizes = Object.entries(peakProduct).flatMap(([name, size]) => [`--${name}`, String(size)]);
  const blas: ContenderSettings = {
    title: "numpy's BLAS",
    command: python,
    args: [join(__dirname, 'contenders', 'blas.py'), ...sizes],
    env: Object.fromEntries(
      ['OPENBLAS', 'MKL', 'OMP'].map((name) => [`${name}_NUM_THREADS`, String(threads)]),
    ),
  };
  const outcomes = await compare([...kits, blas], rounds);
  return outcomes.map(({ title, version, fastest, problem }) => ({
    contender: title,
    version: version ?? null,
    multiplyAddsPerSecond: fastest === undefined ? null : (1000 * rows * depth * columns) / fastest,
    problem: problem ?? null,
  }));
}

/** The fastest product, whoever computed it; undefined when none ran. */
export function matrixPeak(peaks: MatrixPeak[]): number | undefined {
  const all = peaks.flatMap(({ multiplyAddsPerSecond }) => multiplyAddsPerSecond ?? []);
  return all.length > 0 ? Math.max(...all) : undefined;
}

export function peakTable(peaks: MatrixPeak[]): Table {
  return {
    columns: [
      { key: 'contender', label: 'matrix product', align: 'left' },
      { key: 'version', label: '', align: 'left' },
      { key: 'gigaflops', label: 'GFLOP/s', align: 'right', format: (value) => value.toFixed(0) },
    ],
    rows: peaks.map((peak) => ({
      ...peak,
      gigaflops: peak.multiplyAddsPerSecond && (2 * peak.multiplyAddsPerSecond) / 1e9,
    })),
    notes: peaks.flatMap(({ contender, problem }) =>
      problem === null ? [] : [`${contender} is left out: ${problem}`],
    ),
  };
}
