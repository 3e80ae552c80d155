import { isDeepStrictEqual } from 'node:util';
import { UserError } from '../core/errors';
import { datasetName } from '../data';
import { methodName } from '../methods';
import { presetOf } from '../presets';
import type { RunRecord } from '../results';
import { type CurvePanel, curvePanel } from './curve-panel';
import { oneDataset, type Series, scaleSentence, seedsSentence, seriesOf } from './series';
import type { FigureOptions } from './spec';
import { type ChartSpec, vegaLiteSchema } from './spec';
import { themeConfig } from './theme';

const accuracy: CurvePanel = { title: 'k-NN accuracy (%)', value: (point) => point.knnTop1 };
const loss: CurvePanel = { title: 'training loss', value: (point) => point.loss };
const purity: CurvePanel = { title: 'neighbor purity', value: (point) => point.purity };

/**
 * Learning curves as a Vega-Lite chart: nearest-neighbor accuracy, loss and neighbor purity against epochs,
 * for every method the mean over its seeds with a band of one standard deviation.
 * @throws UserError when the records are not of one dataset, or hold no curve.
 */
export function learningCurves(records: readonly RunRecord[], options: FigureOptions = {}): ChartSpec {
  return curvesFigure(records, 'Learning curves', [accuracy, loss, purity], { width: 645, ...options });
}

/**
 * Neighbor purity against epochs: the share of the neighbors that have their query's class. The larger it
 * is, the fewer false neighbors a method learns from.
 * @throws UserError when the records are not of one dataset, or no method searches neighbors.
 */
export function purityCurves(records: readonly RunRecord[], options: FigureOptions = {}): ChartSpec {
  return curvesFigure(records, 'Neighbor purity', [{ ...purity, title: 'share of own class' }], {
    width: 440,
    ...options,
  });
}

function curvesFigure(
  records: readonly RunRecord[],
  title: string,
  panels: CurvePanel[],
  { theme = 'light', width }: FigureOptions & { width: number },
): ChartSpec {
  const dataset = oneDataset(records);
  const curved = records.filter(({ curves }) =>
    curves.some((point) => panels.some((one) => one.value(point) !== null)),
  );
  const { series, chosen } = chosenSeries(seriesOf(curved));
  const shown = panels.filter(({ value }) =>
    curved.some(({ curves }) => curves.some((point) => value(point) !== null)),
  );
  if (shown.length === 0) throw noCurves(panels);
  // Losses of different methods have no common scale; of many they are in a figure of their own.
  const drawn = shown.filter(
    (panel) => panel !== loss || chosen.length === series.length || shown.length === 1,
  );
  const size = { width: width / drawn.length, height: panels.length === 1 ? 280 : 215 };
  return {
    $schema: vegaLiteSchema,
    title: {
      text: `${title} on ${datasetName(dataset)}`,
      subtitle: [
        scaleSentence(curved),
        ...seedsSentence(
          series.map((one) => one.records.length),
          'band',
        ),
        ...(chosen.length < series.length ? [othersNote(series, chosen)] : []),
        ...unlabeledNote(dataset, drawn),
      ],
    },
    description: `${drawn.map((panel) => panel.title).join(', ')} against training epochs.`,
    hconcat: drawn.map((panel) => curvePanel(panel, series, size, theme, chosen)),
    spacing: 24,
    resolve: { scale: { color: 'independent', strokeDash: 'independent', shape: 'independent' } },
    config: themeConfig(theme),
  };
}

/** More lines than these cannot be told apart. */
const mostLines = 6;
const leading = ['mnn', 'msf', 'byol'];

/** All series, and those that have a color: all if they are few, else the leading methods with their own options. */
function chosenSeries(series: readonly Series[]): { series: Series[]; chosen: Series[] } {
  if (series.length <= mostLines) return { series: [...series], chosen: [...series] };
  const isUsual = ({ method, records: [{ config }] }: Series) =>
    leading.includes(method) && hasUsualOptions(config);
  const named = series.map((one) => (isUsual(one) ? { ...one, label: methodName(one.method) } : one));
  const usual = named.filter(isUsual);
  return { series: named, chosen: usual.length > 0 ? usual : named.slice(0, mostLines) };
}

function hasUsualOptions(config: RunRecord['config']): boolean {
  return isDeepStrictEqual(config.options, (presetOf(config) ?? config).options);
}

function othersNote(series: readonly Series[], chosen: readonly Series[]): string {
  return `Grey: ${series.length - chosen.length} other methods and settings`;
}

/**
 * Training loss against epochs, a small chart for each method with an axis of its own: losses of different methods have
 * no common scale.
 * @throws UserError when the records are not of one dataset, or hold no curve.
 */
export function lossCurves(
  records: readonly RunRecord[],
  { theme = 'light', width = 640 }: FigureOptions = {},
): ChartSpec {
  const dataset = oneDataset(records);
  const curved = records.filter(({ curves }) => curves.length > 0);
  if (curved.length === 0) throw noCurves([accuracy]);
  const columns = 4;
  const size = { width: (width - 60 * columns) / columns, height: 90 };
  return {
    $schema: vegaLiteSchema,
    title: { text: `Training loss on ${datasetName(dataset)}`, subtitle: [scaleSentence(curved)] },
    description: 'Training loss against epochs, a chart for each method.',
    columns,
    concat: seriesOf(curved)
      .filter(({ records: [{ config }] }) => hasUsualOptions(config))
      .map((one) => {
        const named = { ...one, label: methodName(one.method) };
        return curvePanel({ ...loss, title: named.label }, [named], size, theme);
      }),
    spacing: 24,
    resolve: { scale: { color: 'independent', strokeDash: 'independent', shape: 'independent' } },
    config: themeConfig(theme),
  };
}

function noCurves(panels: CurvePanel[]): UserError {
  return new UserError(
    panels.includes(accuracy)
      ? 'The records hold no curves: train for at least one epoch.'
      : 'None of these methods searches neighbors, so there is no purity: draw MNN or MSF, for example.',
  );
}

/** The authors' purity counts images without a label as one class; so does ours, and a figure has to say so. */
function unlabeledNote(dataset: string, shown: CurvePanel[]): string[] {
  const counted = dataset === 'stl10' && shown.some(({ value }) => value === purity.value);
  return counted ? ['Images without a label count as one class in the purity: it says little on STL-10'] : [];
}
