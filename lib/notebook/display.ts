import { UserError } from '../core/errors';
import { formatTable, type Table } from '../core/table';
import type { Dataset, Images, StoredImages } from '../data';
import { datasetTable } from '../data';
import {
  type ChartSpec,
  datasetSamples,
  datasetViews,
  type ImageGridOptions,
  imageGrid,
  renderPng,
  type SampleOptions,
  type ViewOptions,
} from '../figures';
import type { RunRecord } from '../results';
import { inNotebook, type MimeBundle, show } from './show';

/** What is needed of a danfojs DataFrame or Series. */
export interface FrameLike {
  readonly columns: string[];
  readonly index: (string | number)[];
  readonly values: unknown[];
  readonly shape: number[];
}

const shownRows = 50;

/** Shows a chart below the cell: live in JupyterLab and VS Code, as an image on GitHub and in exports. */
export async function displayChart(spec: ChartSpec): Promise<void> {
  show(inNotebook() ? await chartBundle(spec) : { 'text/plain': chartText(spec) });
}

/** Shows a chart, or, where there is not what it is drawn from, says what is missing. */
export async function displayChartOrReason(draw: () => ChartSpec | Promise<ChartSpec>): Promise<void> {
  try {
    await displayChart(await draw());
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    show({ 'text/plain': error.message });
  }
}

/** Shows a chart for each dataset that the records are of, or says why there is none. */
export async function displayChartsByDataset(
  records: readonly RunRecord[],
  draw: (records: RunRecord[]) => ChartSpec,
): Promise<void> {
  if (records.length === 0) return displayChartOrReason(() => draw([]));
  for (const dataset of new Set(records.map(({ config }) => config.dataset)))
    await displayChartOrReason(() => draw(records.filter(({ config }) => config.dataset === dataset)));
}

/** A chart in all its forms. */
export async function chartBundle(spec: ChartSpec): Promise<MimeBundle> {
  const png = Buffer.from(await renderPng(spec)).toString('base64');
  return { 'application/vnd.vegalite.v5+json': spec, 'image/png': png, 'text/plain': chartText(spec) };
}

/**
 * Shows images side by side below the cell. Views, which are normalized numbers, are made images again by
 * `augment.denormalize`.
 * @throws UserError where there are no images, or captions for another number of them.
 */
export async function displayImages(
  images: Images | StoredImages,
  options: ImageGridOptions = {},
): Promise<void> {
  await displayChart(await imageGrid(images, options));
}

/** Shows a table below the cell, or as text in a terminal. */
export function displayTable(table: Table): void {
  show({ 'text/html': formatTable(table, 'html'), 'text/plain': formatTable(table, 'text') });
}

/** Shows the first rows of a danfojs DataFrame or Series as a table, or as text in a terminal. */
export function displayFrame(frame: FrameLike): void {
  displayTable(frameTable(frame));
}

/** The first rows of a data frame as a table. */
export function frameTable({ columns, index, values, shape }: FrameLike): Table {
  const rows = values.slice(0, shownRows).map((row) => (Array.isArray(row) ? row : [row]));
  const numeric = columns.map((_, i) => rows.some((row) => typeof row[i] === 'number'));
  return {
    columns: [
      { key: 'index', label: '', align: 'right' },
      ...columns.map((label, i) => ({
        key: `c${i}`,
        label,
        align: numeric[i] ? ('right' as const) : ('left' as const),
      })),
    ],
    rows: rows.map((row, i) => ({
      index: index[i],
      ...Object.fromEntries(row.map((value, column) => [`c${column}`, frameCell(value)])),
    })),
    notes: shape[0] > shownRows ? [`The first ${shownRows} of ${shape[0]} rows.`] : [],
  };
}

function frameCell(value: unknown): string | number | null {
  if (value === null || value === undefined || Number.isNaN(value)) return null;
  return typeof value === 'number' ? Number(value.toPrecision(6)) : String(value);
}

/** A chart's title and description. */
export function chartText({ title, description }: ChartSpec): string {
  return (
    [title?.text, title?.subtitle, description]
      .flat()
      .filter((line) => line !== undefined)
      .join('\n') || 'Chart'
  );
}

/**
 * Shows below the cell what a dataset holds and some of its training images, class by class.
 * @throws UserError for a class that the dataset does not have.
 */
export async function displayDataset(dataset: Dataset, options: SampleOptions = {}): Promise<void> {
  displayTable(datasetTable(dataset));
  await displayChart(await datasetSamples(dataset, options));
}

/**
 * Shows a training image with strong and weak views of it below the cell.
 * @throws UserError where there is no such image.
 */
export async function displayViews(dataset: Dataset, options: ViewOptions = {}): Promise<void> {
  await displayChart(await datasetViews(dataset, options));
}
