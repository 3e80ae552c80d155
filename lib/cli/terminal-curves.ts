import type { WriteStream } from 'node:tty';
import { plot, type Settings } from 'simple-ascii-chart';
import { distinct, summarize } from '../core/statistics';
import { methodName } from '../methods';
import type { RunRecord } from '../results';

/** As in the figures where a terminal has the color; more series than colors start again. */
const colors = ['ansiBlue', 'ansiYellow', 'ansiGreen', 'ansiRed', 'ansiMagenta', 'ansiCyan'] as const;

/**
 * k-NN accuracy against epochs, a line for each method, the mean over its seeds, and one across for raw pixels. Null if
 * the stream is no terminal that can show it, or nothing was trained.
 */
export function terminalCurves(
  records: readonly RunRecord[],
  stream: Pick<WriteStream, 'isTTY' | 'columns' | 'hasColors'> = process.stdout,
): string | null {
  const width = Math.min(stream.columns ?? 0, 100) - 30;
  if (!stream.isTTY || width < 30 || process.env.TERM === 'dumb') return null;
  const curves = distinct(records.map(({ config }) => config.method)).flatMap((method) => {
    const points = meanCurve(records.filter(({ config }) => config.method === method));
    return points.length > 1 ? [{ name: methodName(method), points }] : [];
  });
  if (curves.length === 0) return null;
  const raw = records.flatMap(({ metrics }) => metrics.rawPixelKnnTop1 ?? []);
  const values = [...curves.flatMap(({ points }) => points.map(([, value]) => value)), ...raw];
  const [low, high] = [Math.floor(Math.min(...values)), Math.ceil(Math.max(...values))];
  const settings: Settings = {
    width,
    height: 12,
    title: 'k-NN accuracy (%) against epochs',
    yRange: [low, high],
    customYAxisTicks: ticks(low, high),
    customXAxisTicks: ticks(1, Math.max(...curves.flatMap(({ points }) => points.map(([epoch]) => epoch)))),
    formatter: (value) => Math.round(value),
    legend: { position: 'right', series: curves.map(({ name }) => name) },
    ...(stream.hasColors?.() && { color: curves.map((_, i) => colors[i % colors.length]) }),
    ...(raw.length > 0 && {
      thresholds: [{ y: summarize(raw).mean }],
      legend: { position: 'right', series: curves.map(({ name }) => name), thresholds: ['raw pixels'] },
    }),
  };
  return plot(
    curves.map(({ points }) => points),
    settings,
  ).trimEnd();
}

/** Accuracy after each epoch that was evaluated, the mean over the runs. */
function meanCurve(records: readonly RunRecord[]): [number, number][] {
  const points = records.flatMap(({ curves }) => curves);
  return distinct(points.map(({ epoch }) => epoch))
    .sort((a, b) => a - b)
    .flatMap((epoch): [number, number][] => {
      const values = points.flatMap((point) => (point.epoch === epoch ? (point.knnTop1 ?? []) : []));
      return values.length > 0 ? [[epoch, summarize(values).mean]] : [];
    });
}

/** About five whole numbers from end to end. */
function ticks(low: number, high: number): number[] {
  const step = Math.max(1, Math.round((high - low) / 5));
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step);
}
