import { formatDuration } from '../core/text';
import { datasetName, wholeText } from '../data';
import { methodName } from '../methods';
import type { RunRecord } from '../results';
import { runCommand } from './commands';
import { type Html, html } from './html';
import { type Line, type LineColumn, lineTable } from './line-table';

const columns: LineColumn[] = [
  { label: 'method' },
  { label: 'dataset' },
  { label: 'preset' },
  { label: 'seed', numeric: true },
  { label: 'scale' },
  { label: 'linear top-1 %', numeric: true },
  { label: 'k-NN top-1 %', numeric: true },
  { label: 'purity', numeric: true },
  { label: 'time', numeric: true },
];

/** Every record, with its provenance and what makes the same run again. */
export function runsTable(records: readonly RunRecord[]): Html {
  return lineTable('Runs that have a record', columns, records.map(runLine));
}

function runLine(record: RunRecord): Line {
  const { id, config, metrics, scale, timing } = record;
  const { method, dataset, preset, seed } = config;
  const number = (value: number | null, digits: number) => ({
    shown: value === null ? '–' : value.toFixed(digits),
    sortBy: value,
  });
  return {
    id: `run-${id}`,
    method,
    dataset,
    preset,
    ran: true,
    name: methodName(method),
    cells: [
      { shown: datasetName(dataset) },
      { shown: preset },
      { shown: String(seed), sortBy: seed },
      {
        shown:
          scale === 'reduced'
            ? html`<span class="verdict reduced-scale">reduced scale</span>`
            : 'the paper’s',
      },
      number(metrics.linearTop1, 2),
      number(metrics.knnTop1, 2),
      number(metrics.purity, 3),
      { shown: formatDuration(timing.totalSeconds), sortBy: timing.totalSeconds },
    ],
    more: provenance(record),
  };
}

function provenance(record: RunRecord): Html {
  const again = runCommand(record);
  return html`<dl>${facts(record).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p>Run it again: ${again ? html`<code>${again}</code>` : 'no option of the command line gives all of its settings, or its method is not loaded here; they stand in the record.'}</p>
<p>The record: <code>npx mnn results show ${record.id}</code></p>`;
}

function facts({
  id,
  config,
  dataset,
  scaleReasons,
  metrics,
  provenance,
  timing,
}: RunRecord): [string, string][] {
  const { engine, cpu, gpu, commit, commitProblem, dirty } = provenance;
  const { epochs, batchSize, baseLr } = config.training;
  const options = Object.entries(config.options).map(([name, value]) => `${name} ${value}`);
  return [
    ['record', id],
    ['method', `${methodName(config.method)} (${config.method})`],
    ['options', options.join(', ') || 'none'],
    [
      'settings',
      `preset ${config.preset}, seed ${config.seed}, width ${config.model.width}, ${epochs} epochs, batch ${batchSize}, learning rate ${baseLr}`,
    ],
    ['dataset', `${dataset.name}, ${dataset.trainImages} training and ${dataset.testImages} test images`],
    ['a part of', dataset.drawnFrom ? wholeText(dataset.drawnFrom) : ''],
    ['checksum', dataset.checksum],
    ['reduced by', scaleReasons.join('; ')],
    ['raw pixels, k-NN', percentText(metrics.rawPixelKnnTop1)],
    ['raw pixels, linear', percentText(metrics.rawPixelLinearTop1)],
    [
      'engine',
      `${engine.name}, ${engine.version}${engine.threads === null ? '' : `, ${engine.threads} threads`}`,
    ],
    [
      'hardware',
      `${cpu.model}, ${cpu.cores} cores, ${provenance.memoryGiB} GiB${gpu === null ? '' : `; ${gpu}`}`,
    ],
    ['system', `${provenance.platform}, Node ${provenance.node}`],
    [
      'code',
      `${commit ?? `not known${commitProblem ? `: ${commitProblem}` : ''}`}${dirty ? ', with changes' : ''}, kit ${provenance.kitVersion}`,
    ],
    ['packages', provenance.packageLockSha256 ?? ''],
    [
      'time',
      `${formatDuration(timing.totalSeconds)}: pretraining ${formatDuration(timing.pretrainSeconds)}, evaluation ${formatDuration(timing.evaluationSeconds)}, ${timing.imagesPerSecond.toFixed(0)} images/s`,
    ],
    [
      'from',
      `${provenance.startedAt} to ${provenance.finishedAt}${provenance.resumed > 0 ? `, taken up again ${provenance.resumed} times` : ''}`,
    ],
  ].filter(([, value]) => value !== '') as [string, string][];
}

function percentText(value: number | null | undefined): string {
  return value == null ? '' : `${value.toFixed(2)} %`;
}
