import { summarize } from '../core/statistics';
import type { CurvePoint } from '../results';
import { type Series, stylesOf } from './series';
import type { Layer } from './spec';
import { type SeriesStyle, type Theme, themeInks } from './theme';

export interface CurvePanel {
  title: string;
  /** Of one point of a run's curve; null where it was not measured. */
  value: (point: CurvePoint) => number | null;
}

export interface PanelSize {
  width: number;
  height: number;
}

/** One point of a series: the mean over its runs, and one standard deviation around it. */
interface Point {
  series: string;
  epoch: number;
  value: number;
  low: number;
  high: number;
}

const labelHeight = 15;

/**
 * One value against epochs: a line for every series, the mean over its seeds, with a band of one standard
 * deviation, and its name at the line's end. Nothing is smoothed. Null where no run has values.
 * @param chosen the series with a color and a name; the others are grey, behind them.
 */
export function curvePanel(
  panel: CurvePanel,
  all: readonly Series[],
  size: PanelSize,
  theme: Theme,
  chosen: readonly Series[] = all,
): Layer | null {
  const series = [...all.filter((one) => !chosen.includes(one)), ...chosen];
  const points = series.flatMap((one) => pointsOf(one, panel));
  if (points.length === 0) return null;
  const drawn = series.filter(({ label }) => points.some((point) => point.series === label));
  const named = new Set(chosen.map(({ label }) => label));
  const others = { color: themeInks(theme).grid, dash: [], shape: 'circle' };
  const looks = new Map(stylesOf(chosen, theme).map((style, i) => [chosen[i].label, style]));
  const styles = drawn.map(({ label }) => looks.get(label) ?? others);
  const scale = <Value>(of: (style: SeriesStyle) => Value) => ({
    field: 'series',
    type: 'nominal',
    scale: { domain: drawn.map(({ label }) => label), range: styles.map(of) },
    legend: null,
  });
  const domain = paddedDomain(points.flatMap(({ low, high }) => [low, high]));
  const ends = lineEnds(points).filter((point) => named.has(point.series));
  return {
    ...size,
    data: { values: points },
    encoding: { ...axes(domain, lastEpoch(points)), color: scale(({ color }) => color) },
    layer: [
      titleLayer(panel.title, theme),
      bandLayer(points.filter((point) => named.has(point.series))),
      {
        mark: { type: 'line', strokeWidth: 2, strokeJoin: 'round' },
        encoding: { detail: { field: 'series' }, strokeDash: scale(({ dash }) => dash) },
      },
      {
        data: { values: ends },
        mark: { type: 'point', filled: true, size: 45, opacity: 1 },
        encoding: { shape: scale(({ shape }) => shape) },
      },
      ...labelLayers(ends, domain, size, theme),
    ],
  };
}

function pointsOf({ label, records }: Series, panel: CurvePanel): Point[] {
  const byEpoch = new Map<number, number[]>();
  for (const point of records.flatMap(({ curves }) => curves)) {
    const value = panel.value(point);
    if (value !== null) byEpoch.set(point.epoch, [...(byEpoch.get(point.epoch) ?? []), value]);
  }
  return [...byEpoch]
    .sort(([a], [b]) => a - b)
    .map(([epoch, values]) => {
      const { mean, deviation } = summarize(values);
      return { series: label, epoch, value: mean, low: mean - deviation, high: mean + deviation };
    });
}

function axes(domain: [number, number], epochs: number): Layer {
  return {
    x: {
      field: 'epoch',
      type: 'quantitative',
      title: 'epoch',
      axis: { grid: false, tickMinStep: 1, tickCount: 5, format: 'd', labelFlush: false },
      scale: { domain: [0, epochs], nice: false },
    },
    y: {
      field: 'value',
      type: 'quantitative',
      title: null,
      axis: { tickCount: 5 },
      scale: { domain, nice: false, zero: false },
    },
  };
}

/** A mark rather than Vega's own title, which moves up and down with the labels beside the plot. */
export function titleLayer(title: string, theme: Theme): Layer {
  return {
    data: { values: [{}] },
    mark: { type: 'text', align: 'left', fontSize: 13 },
    encoding: {
      x: { value: 0 },
      y: { value: -16 },
      text: { value: title },
      color: { value: themeInks(theme).text },
    },
  };
}

function bandLayer(points: Point[]): Layer {
  return {
    data: { values: points.filter(({ low, high }) => low < high) },
    mark: { type: 'area', opacity: 0.18 },
    encoding: { y: { field: 'low' }, y2: { field: 'high' }, detail: { field: 'series' } },
  };
}

/** The names beside the plot, moved apart where lines end close together, and a leader to each. */
function labelLayers(
  ends: Point[],
  [low, high]: [number, number],
  { height }: PanelSize,
  theme: Theme,
): Layer[] {
  const places = placeLabels(
    ends.map((end) => end.value),
    ((high - low) * labelHeight) / height,
    low,
    high,
  );
  const labels = ends.map((end, i) => ({ ...end, epoch: lastEpoch(ends) * 1.09, value: places[i] }));
  return [
    { data: { values: [...ends, ...labels] }, mark: { type: 'line', strokeWidth: 1 } },
    {
      data: { values: labels },
      mark: { type: 'text', align: 'left', baseline: 'middle', dx: 4, fontSize: 12 },
      encoding: { text: { field: 'series' }, color: { value: themeInks(theme).text } },
    },
  ];
}

function lineEnds(points: Point[]): Point[] {
  return [...new Map(points.map((point) => [point.series, point])).values()];
}

function lastEpoch(points: Point[]): number {
  return Math.max(...points.map((point) => point.epoch));
}

/** The values' range with some air, so that neither lines nor labels touch the edge. */
export function paddedDomain(values: number[]): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const air = (high - low || 1) * 0.06;
  return [low - air, high + air];
}

/**
 * Moves the places of labels apart until neighbors are at least `gap` away from each other, with the least
 * movement (in squares) and all within `from`..`to` if they fit. The answer is in the order of the input; of
 * equal places the first comes out highest.
 */
export function placeLabels(places: readonly number[], gap: number, from: number, to: number): number[] {
  const ascending = places.map((_, i) => i).sort((a, b) => places[a] - places[b] || b - a);
  // With the gaps taken out, labels may touch but not cross: an isotonic regression.
  const squeezed = isotonic(ascending.map((i, rank) => places[i] - rank * gap));
  const highest = Math.max(from, to - (places.length - 1) * gap);
  const placed = new Array<number>(places.length);
  ascending.forEach((i, rank) => {
    placed[i] = Math.min(Math.max(squeezed[rank], from), highest) + rank * gap;
  });
  return placed;
}

/** The non-decreasing sequence nearest to the values: neighbors in the wrong order are replaced by their mean. */
function isotonic(values: number[]): number[] {
  const blocks: { sum: number; count: number }[] = [];
  for (const value of values) {
    let block = { sum: value, count: 1 };
    while (blocks.length > 0 && meanOf(blocks[blocks.length - 1]) > meanOf(block)) {
      const previous = blocks.pop()!;
      block = { sum: previous.sum + block.sum, count: previous.count + block.count };
    }
    blocks.push(block);
  }
  return blocks.flatMap((block) => new Array<number>(block.count).fill(meanOf(block)));
}

function meanOf({ sum, count }: { sum: number; count: number }): number {
  return sum / count;
}
