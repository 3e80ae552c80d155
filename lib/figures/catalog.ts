import { UserError, unknownName } from '../core/errors';
import { loadPublished } from '../paper';
import type { RunRecord } from '../results';
import { lambdaCurve, topKCurve } from './ablation-curves';
import { barsAgainstPublished } from './bars-against-published';
import {
  accuracyDots,
  costAgainstAccuracy,
  purityAgainstAccuracy,
  rankAgainstRank,
} from './comparison-figures';
import { featureMap } from './feature-map';
import { learningCurves, lossCurves, purityCurves } from './learning-curves';
import { methodOverview } from './method-overview';
import { neighborGallery } from './neighbor-gallery';
import {
  type FeatureMapRun,
  featureMapData,
  type GalleryRun,
  galleryData,
  type NetworkRun,
} from './network-figures';
import type { AccuracyMetric } from './series';
import type { ChartSpec, FigureOptions } from './spec';

/** What a figure is drawn from, and how. */
export interface FigureRequest extends FigureOptions, FeatureMapRun, GalleryRun {
  records: readonly RunRecord[];
  metric?: AccuracyMetric;
  highlight?: readonly string[];
  /** Opens the network of a run, for the figures that need one; it is closed when the figure is drawn. */
  openNetwork: (record: RunRecord) => Promise<NetworkRun & { dispose(): void }>;
}

/** A figure that can be asked for by name. */
export interface NamedFigure {
  name: string;
  shows: string;
  needs: 'nothing' | 'records' | 'network';
  /** Left out of the report, which has the same in another form. */
  notInReport?: true;
  draw(request: FigureRequest): ChartSpec | Promise<ChartSpec>;
}

/** A figure that is drawn from records alone. */
function ofRecords(
  name: string,
  shows: string,
  draw: (records: readonly RunRecord[], options: FigureRequest) => ChartSpec,
): NamedFigure {
  return { name, shows, needs: 'records', draw: (request) => draw(request.records, request) };
}

/** Every figure, in the order of the list. */
export const namedFigures: readonly NamedFigure[] = [
  {
    name: 'overview',
    shows: 'what MNN does, as a drawing',
    needs: 'nothing',
    draw: (request) => methodOverview(request),
  },
  ofRecords('accuracy', 'accuracy of each method with its interval, beside the published one', accuracyDots),
  ofRecords('ranks', 'our rank of each method against the published one', rankAgainstRank),
  ofRecords('purity-accuracy', 'accuracy against neighbor purity', purityAgainstAccuracy),
  ofRecords('cost-accuracy', 'accuracy against the time of an epoch', costAgainstAccuracy),
  ofRecords('losses', 'training loss against epochs, a small chart for each method', lossCurves),
  ofRecords('learning-curves', 'accuracy, loss and purity against epochs', learningCurves),
  ofRecords('purity', 'neighbor purity against epochs', purityCurves),
  ofRecords('lambda', 'accuracy against lambda, fixed and random', lambdaCurve),
  ofRecords('top-k', 'accuracy against the number of neighbors', topKCurve),
  {
    name: 'published',
    shows: 'our accuracies beside the published ones, as bars',
    needs: 'records',
    notInReport: true,
    draw: (request) => barsAgainstPublished(request.records, loadPublished(), request),
  },
  {
    name: 'features',
    shows: 'test images in the plane by t-SNE or UMAP, colored by class',
    needs: 'network',
    draw: (request) =>
      withNetwork(request, async (run) => featureMap(await featureMapData(run, request), request)),
  },
  {
    name: 'neighbors',
    shows: 'images with their nearest neighbors, false ones marked',
    needs: 'network',
    draw: (request) =>
      withNetwork(request, async (run) => neighborGallery(await galleryData(run, request), request)),
  },
];

/** @throws UserError that lists the known figures. */
export function findFigure(name: string): NamedFigure {
  const figure = namedFigures.find((one) => one.name === name);
  if (figure) return figure;
  throw unknownName(
    'figure',
    name,
    namedFigures.map((one) => one.name),
  );
}

async function withNetwork(
  { records, openNetwork }: FigureRequest,
  draw: (run: NetworkRun) => Promise<ChartSpec>,
): Promise<ChartSpec> {
  if (records.length !== 1) {
    throw new UserError(
      `This figure is of one run, and these are ${records.length}: choose one with --run.\n` +
        records.map(({ id }) => `  ${id}`).join('\n'),
    );
  }
  const run = await openNetwork(records[0]);
  try {
    return await draw(run);
  } finally {
    run.dispose();
  }
}
