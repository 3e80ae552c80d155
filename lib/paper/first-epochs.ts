import type { RunConfig } from '../config/run-config';
import type { Table } from '../core/table';
import { datasetName } from '../data';
import { methodName } from '../methods';
import type { PartialRecord, RunRecord } from '../results';
import { type PublishedCurve, type PublishedNumber, readPublished } from './published';
import { publishedForRun } from './published-for';
import { signed } from './show';
import { tolerance } from './verdict';

/** Our accuracy after an epoch beside a published curve's. */
export interface CurveAgreement {
  epoch: number;
  ours: number;
  published: number;
  /** Ours less the published one, in points. */
  difference: number;
  /** Up to this difference the two count as the same: by how much the curve may be misread, and seeds may vary. */
  allowed: number;
  verdict: 'within' | 'outside';
}

type Published = { entries: PublishedNumber[]; curves: PublishedCurve[] };

/**
 * Published curves of a run's method on its dataset, those trained like the paper first; none if the run has other
 * options of its method than the paper.
 */
export function publishedCurves(
  config: RunConfig,
  { entries, curves }: Published = readPublished(),
): PublishedCurve[] {
  // The numbers in tables and the curves are of the same options.
  if (publishedForRun(config, 'knn-top1', { published: entries }).length === 0) return [];
  return curves
    .filter(({ method, dataset }) => method === config.method && dataset === config.dataset)
    .sort((a, b) => Number(a.differs !== undefined) - Number(b.differs !== undefined));
}

/**
 * A run against a published curve, epoch by epoch, as far as both have an accuracy. Empty unless both are of the
 * paper's scale and training.
 */
export function curveAgreement(
  { scale, config, curves }: PartialRecord | RunRecord,
  curve: PublishedCurve,
  entries?: PublishedNumber[],
): CurveAgreement[] {
  const comparable = scale === 'paper' && !curve.differs && curve.epochs === config.training.epochs;
  const seeds = tolerance(curve.metric, 1, entries);
  if (!comparable || seeds === null) return [];
  return curve.points.flatMap(([epoch, published, misread]) => {
    const ours = curves.find((point) => point.epoch === epoch)?.knnTop1 ?? null;
    if (ours === null) return [];
    const difference = ours - published;
    const allowed = misread + seeds;
    return [
      {
        epoch,
        ours,
        published,
        difference,
        allowed,
        verdict: Math.abs(difference) <= allowed ? 'within' : 'outside',
      },
    ];
  });
}

/** The first epochs of a run: each evaluated one and the last, beside the published curve, if there is one. */
export function firstEpochsTable(record: PartialRecord, published: Published = readPublished()): Table {
  const { config, curves, scaleReasons } = record;
  const [curve] = publishedCurves(config, published);
  const agreement = curve ? curveAgreement(record, curve, published.entries) : [];
  const percent = (value: number) => value.toFixed(2);
  const last = curves.at(-1)!;
  const column = (key: string, label: string, format?: (value: number) => string) => ({
    ...{ key, label, align: 'right' as const },
    ...(format && { format }),
  });
  return {
    columns: [
      column('epoch', 'epoch'),
      column('loss', 'loss', (value) => value.toFixed(4)),
      column('purity', 'purity', (value) => value.toFixed(3)),
      column('knnTop1', 'k-NN top-1 %', percent),
      ...(curve ? [column('published', 'published', (value: number) => value.toFixed(1))] : []),
      ...(agreement.length > 0
        ? [
            column('difference', 'difference', (value: number) => signed(value, 2)),
            column('allowed', 'allowed', percent),
            { key: 'verdict', label: 'verdict', align: 'left' as const },
          ]
        : []),
    ],
    rows: curves
      .filter((point) => point.knnTop1 !== null || point === last)
      .map(({ epoch, loss, purity, knnTop1 }) => {
        const { difference, allowed, verdict } = agreement.find((one) => one.epoch === epoch) ?? {};
        const there = curve?.points.find(([at]) => at === epoch)?.[1];
        return {
          ...{ epoch, loss, purity, knnTop1, published: there ?? null },
          ...{ difference: difference ?? null, allowed: allowed ?? null, verdict: verdict ?? null },
        };
      }),
    notes: [
      `${methodName(config.method)} on ${datasetName(config.dataset)}, preset ${config.preset}, seed ${config.seed}: ` +
        `the first ${curves.length} of ${config.training.epochs} epochs.`,
      ...(scaleReasons.length > 0
        ? [`Reduced scale, not comparable with published curves: ${scaleReasons.join('; ')}.`]
        : []),
      ...(curve ? [curveNote(curve)] : []),
      ...(agreement.length > 0 ? [allowedNote] : []),
    ],
  };
}

function curveNote({ source, differs, epochs, batchSize }: PublishedCurve): string {
  const other = differs ? `; no verdict, since its training differs: ${differs}` : '';
  return `Published: ${source.title} (${epochs} epochs, batch ${batchSize}${other}). ${source.note} ${source.url}`;
}

const allowedNote =
  'Allowed: by how much the curve may be misread, and the tolerance of one number of one seed against another, which ' +
  'is known of finished runs; seeds may vary more in the first epochs.';
