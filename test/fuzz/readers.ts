import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { settingsOf } from '../../lib/cli/options';
import { parseRunConfig } from '../../lib/config/run-config';
import { UserError } from '../../lib/core/errors';
import { runLockHolder } from '../../lib/core/lock';
import { projectRoot } from '../../lib/core/paths';
import { decodeSafetensors, encodeSafetensors, readSafetensorsMetadata } from '../../lib/core/safetensors';
import { formatTable } from '../../lib/core/table';
import { serializeNotebook } from '../../lib/notebook/format';
import { setParameters } from '../../lib/notebook/parameters';
import { readNotebook } from '../../lib/notebook/run';
import { comparisonTable } from '../../lib/paper/comparison';
import { readPublished } from '../../lib/paper/published';
import { presetConfig } from '../../lib/presets/presets';
import { loadRecord } from '../../lib/results';
import { readCheckpoint } from '../../lib/training';
import { checkpointChecksum, readCheckpointHeader } from '../../lib/training/checkpoint';
import { sampleConfig, sampleRecord } from '../results/sample-record';
import { datasetReaders } from './dataset-readers';
import type { Reader } from './fuzz';
import { interchangeReaders } from './interchange-readers';
import { header, headersOf } from './safetensors-header';
import { json, only } from './single-file';

const progress = {
  ...{ step: 4, lossSum: 0, puritySum: 0, epochSteps: 0, epochSeconds: [1], seconds: 0, resumed: 0 },
  curves: [{ epoch: 1, step: 4, lr: 0.1, loss: 3, purity: 0.5, knnTop1: 12 }],
  startedAt: '2026-01-01T00:00:00.000Z',
};
const checkpointHeader = {
  ...{ version: 1, datasetChecksum: 'ab', engine: 'wasm', counters: { bank: 3 } },
  config: sampleConfig(),
  progress,
};
const tensors = new Map([
  ['weight', { dtype: 'F32' as const, shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ['labels', { dtype: 'I32' as const, shape: [4], values: Int32Array.of(-1, 0, 1, 2) }],
]);
const mnn = JSON.stringify(checkpointHeader);
const safetensors = Buffer.concat(
  encodeSafetensors(tensors, { mnn, sha256: checkpointChecksum(tensors, mnn) }),
);

const notebook = {
  cells: [
    { cell_type: 'markdown', id: 'a', metadata: {}, source: ['# Title\n', 'text'] },
    {
      cell_type: 'code',
      id: 'b',
      metadata: { tags: ['parameters'] },
      source: 'const seed = 1;',
      outputs: [],
    },
    {
      ...{ cell_type: 'code', id: 'c', metadata: {}, source: ['seed'], execution_count: 1 },
      outputs: [
        { output_type: 'stream', name: 'stdout', text: ['1\n'] },
        { output_type: 'display_data', data: { 'text/plain': ['1'] }, metadata: {} },
        { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['E: v'] },
      ],
    },
  ],
  ...{ metadata: { kernelspec: { name: 'tslab' } }, nbformat: 4, nbformat_minor: 5 },
};

const holder = {
  ...{ id: '6c84fb90-12c4-11e1-840d-7b25c5ee775a', host: 'far', processes: 'far', pid: 1, processStart: '1' },
  since: '2026-01-01T00:00:00.000Z',
};

/** Everything that reads what a user may have damaged. */
export const readers: Record<string, Reader> = {
  'run records': only('record.json', json(sampleRecord()), (file) =>
    formatTable(comparisonTable([loadRecord(file)]), 'text'),
  ),
  'published numbers': only(
    'published.json',
    readFileSync(join(projectRoot, 'results', 'published.json')),
    readPublished,
  ),
  checkpoints: {
    ...only('checkpoint.safetensors', safetensors, readCheckpoint),
    structure: (whole) => [header(whole)],
  },
  'headers of checkpoints': headersOf(safetensors, readCheckpointHeader),
  safetensors: {
    ...only('weights.safetensors', safetensors, readSafetensors),
    structure: (whole) => [header(whole)],
  },
  'headers of safetensors': headersOf(safetensors, readSafetensors),
  locks: only('run.lock/none.json', json(holder), (file) => runLockHolder(dirname(dirname(file)))),
  notebooks: only('notebook.ipynb', json(notebook), (file) =>
    serializeNotebook(setParameters(readNotebook(file), { seed: 2 }, file)),
  ),
  'run configurations': only('config.json', json(sampleConfig()), (file) => {
    const value = parsed(readFileSync(file, 'utf8'));
    const { method, options } = parseRunConfig(value);
    return presetConfig({ preset: 'quick', dataset: 'shapes10', method, options });
  }),
  'method options': only(
    'options',
    Buffer.from('topK=1\nmixing=norm1\nlambda=0.5\nmemoryBank=64'),
    (file) => {
      const set = readFileSync(file, 'utf8').split('\n');
      return presetConfig({ preset: 'quick', dataset: 'shapes10', method: 'mnn', ...settingsOf({ set }) });
    },
  ),
  ...datasetReaders,
  ...interchangeReaders,
};

function readSafetensors(file: string) {
  decodeSafetensors(readFileSync(file), file);
  return readSafetensorsMetadata(file);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError('no JSON');
  }
}
