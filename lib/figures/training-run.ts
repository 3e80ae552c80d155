import { summarize } from '../core/statistics';
import { datasetName } from '../data';
import { methodName } from '../methods';
import { type ChartSpec, vegaLiteSchema } from './spec';
import { seriesStyle, themeConfig, themeInks } from './theme';

/** A run so far. `epoch` may be a fraction: where in the run a step stands. */
export interface TrainingSoFar {
  method: string;
  dataset: string;
  epochs: number;
  steps: readonly { epoch: number; loss: number; purity: number | null }[];
  evaluations: readonly { epoch: number; knnTop1: number }[];
  /** Said below the title. */
  state: string;
}

interface Point {
  epoch: number;
  value: number;
}

/** Most points of a line; more steps than that are averaged in groups. */
const maxPoints = 200;

/**
 * A run that is going on as a Vega-Lite chart: training loss and neighbor purity of its steps, nearest-neighbor
 * accuracy of its epochs. The epoch axis has its full length from the beginning, so that the lines grow along it.
 */
export function trainingRun(run: TrainingSoFar): ChartSpec {
  const panels: [string, Point[]][] = [
    ['training loss', thinned(run.steps.map(({ epoch, loss }) => ({ epoch, value: loss })))],
    [
      'neighbor purity',
      thinned(run.steps.flatMap(({ epoch, purity }) => (purity === null ? [] : [{ epoch, value: purity }]))),
    ],
    ['k-NN accuracy (%)', run.evaluations.map(({ epoch, knnTop1 }) => ({ epoch, value: knnTop1 }))],
  ];
  return {
    $schema: vegaLiteSchema,
    title: { text: `${methodName(run.method)} on ${datasetName(run.dataset)}`, subtitle: run.state },
    description: 'Training loss, neighbor purity and nearest-neighbor accuracy of a run.',
    hconcat: panels
      // A method that looks for no neighbors has no purity; what is still to come has its place.
      .filter(([title, points]) => title !== 'neighbor purity' || points.length > 0)
      .map(([title, points]) => panel(title, points, run)),
    spacing: 24,
    config: themeConfig('light'),
  };
}

function panel(title: string, values: Point[], { method, epochs }: TrainingSoFar): Record<string, unknown> {
  const { color } = seriesStyle(method, [method], 'light');
  return {
    width: 165,
    height: 150,
    data: { values },
    layer: [
      { mark: { type: 'line', strokeWidth: 2, color, point: values.length <= 20 && { color, size: 40 } } },
      titleLayer(title),
    ],
    encoding: {
      x: {
        field: 'epoch',
        type: 'quantitative',
        title: 'epoch',
        axis: { grid: false, tickMinStep: 1, tickCount: 5, format: 'd' },
        scale: { domain: [0, epochs], nice: false },
      },
      y: {
        field: 'value',
        type: 'quantitative',
        title: null,
        axis: { tickCount: 5 },
        scale: { zero: false },
      },
    },
  };
}

/** A mark rather than Vega's own title, which moves up and down with the labels of the axis. */
function titleLayer(title: string): Record<string, unknown> {
  return {
    data: { values: [{}] },
    mark: { type: 'text', align: 'left', fontSize: 13, color: themeInks('light').text },
    encoding: { x: { value: 0 }, y: { value: -16 }, text: { value: title } },
  };
}

/** As many points as are worth drawing: means of equally many neighbors. */
function thinned(points: Point[]): Point[] {
  const group = Math.ceil(points.length / maxPoints);
  if (group <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / group) }, (_, i) => {
    const members = points.slice(i * group, (i + 1) * group);
    return { epoch: members.at(-1)!.epoch, value: summarize(members.map(({ value }) => value)).mean };
  });
}
