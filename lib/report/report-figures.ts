import { UserError } from '../core/errors';
import { datasetName } from '../data';
import {
  beforePublishedCurve,
  type ChartSpec,
  type NamedFigure,
  namedFigures,
  renderSvg,
  type Theme,
} from '../figures';
import { type PublishedCurve, publishedCurves } from '../paper';
import type { PartialRecord, RunRecord } from '../results';
import { type Html, html } from './html';
import { type ChartData, interactive } from './interactive';

/** A figure in the report: a chart for each theme, and an image for readers without scripts. */
export interface ReportFigure {
  name: string;
  dataset: string;
  preset: string;
  runs: number;
  title: string;
  description: string;
  charts: Record<Theme, ChartSpec>;
  image: string;
}

/**
 * Every figure that the records allow, dataset by dataset and preset by preset.
 * @param data takes the charts' data, each once, so that the two themes of a chart share it.
 */
export async function reportFigures(
  records: readonly RunRecord[],
  data: ChartData,
  partial: readonly PartialRecord[] = [],
): Promise<ReportFigure[]> {
  const figures: ReportFigure[] = [];
  for (const record of partial) {
    const [curve] = publishedCurves(record.config);
    if (curve) figures.push(await firstEpochs(record, curve, data));
  }
  for (const own of groups(records)) {
    for (const figure of namedFigures.filter(
      ({ needs, notInReport }) => needs === 'records' && !notInReport,
    )) {
      const light = await drawn(figure, own, 'light');
      const dark = await drawn(figure, own, 'dark');
      if (light === null || dark === null) continue;
      const { dataset, preset } = own[0].config;
      figures.push({
        name: figure.name,
        dataset,
        preset,
        runs: own.length,
        title: `${light.title?.text ?? figure.shows}, ${datasetName(dataset)}, preset ${preset}`,
        description: light.description ?? figure.shows,
        charts: { light: interactive(light, data), dark: interactive(dark, data) },
        image: await renderSvg(light),
      });
    }
  }
  return figures;
}

async function firstEpochs(
  record: PartialRecord,
  curve: PublishedCurve,
  data: ChartData,
): Promise<ReportFigure> {
  const { dataset, preset } = record.config;
  const light = beforePublishedCurve(record, curve, { theme: 'light' });
  const dark = beforePublishedCurve(record, curve, { theme: 'dark' });
  return {
    ...{ name: '', dataset, preset, runs: 1 },
    title: light.title!.text,
    description: String(light.description),
    charts: { light: interactive(light, data), dark: interactive(dark, data) },
    image: await renderSvg(light),
  };
}

/** A figure as the page shows it; its script draws the chart with this number. */
export function figureMarkup(figure: ReportFigure, number: number): Html {
  const { name, dataset, preset, runs, title, description, image } = figure;
  const source = `data:image/svg+xml;base64,${Buffer.from(image).toString('base64')}`;
  return html`<figure data-figure="${number}" data-dataset="${dataset}" data-preset="${preset}">
<div class="scroll" tabindex="0" role="group" aria-label="${title}"><div class="chart" role="img" aria-label="${title}. ${description}"></div>
<noscript><img src="${source}" alt="${title}. ${description}"></noscript></div>
<figcaption>${datasetName(dataset)}, preset ${preset}, ${runs} ${runs === 1 ? 'run' : 'runs'}. ${name && html`As a file: <code>npx mnn figure ${name} --dataset ${dataset} --preset ${preset}</code>`}</figcaption>
</figure>
`;
}

function groups(records: readonly RunRecord[]): RunRecord[][] {
  const all = new Map<string, RunRecord[]>();
  for (const record of records) {
    const key = JSON.stringify([record.config.preset, record.config.dataset]);
    all.set(key, [...(all.get(key) ?? []), record]);
  }
  return [...all.values()];
}

/** Null where the records do not have what the figure shows. */
async function drawn(figure: NamedFigure, records: RunRecord[], theme: Theme): Promise<ChartSpec | null> {
  try {
    return await figure.draw({ records, theme, openNetwork });
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

function openNetwork(): never {
  throw new Error('Figures of the report are drawn from records alone.');
}
