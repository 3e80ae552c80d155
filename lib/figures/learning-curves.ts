import { UserError } from '../core/errors';
import { datasetName } from '../data';
import type { RunRecord } from '../results';
import { type CurvePanel, curvePanel } from './curve-panel';
import { oneDataset, scaleSentence, seedsSentence, seriesOf } from './series';
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
  const series = seriesOf(curved);
  const shown = panels.filter(({ value }) =>
    curved.some(({ curves }) => curves.some((point) => value(point) !== null)),
  );
  if (shown.length === 0) throw noCurves(panels);
  const size = { width: width / shown.length, height: panels.length === 1 ? 280 : 215 };
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
        ...unlabeledNote(dataset, shown),
      ],
    },
    description: `${shown.map((panel) => panel.title).join(', ')} against training epochs.`,
    hconcat: shown.map((panel) => curvePanel(panel, series, size, theme)),
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
