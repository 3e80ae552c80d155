import type { Table } from '../core/table';
import type { StoredRun } from './stored-runs';

/** One row per stored run: what it is, how far it is, and what can be done with it. */
export function storedRunsTable(runs: readonly StoredRun[]): Table {
  return {
    columns: [
      { key: 'id', label: 'run', align: 'left' },
      { key: 'state', label: 'state', align: 'left' },
      { key: 'method', label: 'method', align: 'left' },
      { key: 'dataset', label: 'dataset', align: 'left' },
      { key: 'preset', label: 'preset', align: 'left' },
      { key: 'seed', label: 'seed', align: 'right' },
      { key: 'epoch', label: 'epoch', align: 'right' },
      { key: 'epochs', label: 'of', align: 'right' },
      { key: 'savedAt', label: 'last saved (UTC)', align: 'left' },
      { key: 'megabytes', label: 'MB', align: 'right', format: (value) => value.toFixed(1) },
    ],
    rows: runs.map(({ id, state, header, holder, savedAt, bytes }) => ({
      id,
      state: holder ? `running (process ${holder.pid} on ${holder.host})` : state,
      method: header?.config.method ?? null,
      dataset: header?.config.dataset ?? null,
      preset: header?.config.preset ?? null,
      seed: header?.config.seed ?? null,
      epoch: header?.progress.curves.length ?? null,
      epochs: header?.config.training.epochs ?? null,
      savedAt: savedAt?.toISOString().slice(0, 19).replace('T', ' ') ?? null,
      megabytes: bytes / 1e6,
    })),
    notes: runs.some(({ state }) => state === 'resumable')
      ? ['Go on with one: npx mnn runs resume <run>']
      : [],
  };
}
