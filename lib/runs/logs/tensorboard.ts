import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { RunConfig } from '../../config/run-config';
import { writingFailed } from '../../core/files';
import { type RunRecord, recordId } from '../../results';
import type { RunLog } from './run-log';
import { type Event, eventMessage, hparamsMessage, type SummaryValue } from './tensorboard-messages';
import { tfRecord, tfRecords } from './tf-record';

/** How the events of this writer's files are told from others in the folder. */
const ending = '.mnn';

/**
 * Writes a run for TensorBoard, into a folder of its own in `folder`: after every step `train/loss`, `train/lr`,
 * `train/purity` and `train/images_per_second`; after every epoch `epoch/loss`, `epoch/purity` and `epoch/knn_top1`;
 * `linear/top1` and `linear/top5` by the epochs of the linear evaluation; at the end `result/...` and the
 * hyperparameters. Steps that an earlier process has written are not written again.
 */
export function tensorboardLog(config: RunConfig, folder: string, { restart = false } = {}): RunLog {
  const place = join(folder, recordId(config));
  if (restart) forget(place);
  const written = lastSteps(place);
  let file: string | undefined;
  const write = (event: Event) => {
    try {
      file ??= newFile(place);
      appendFileSync(file, tfRecord(eventMessage().encode(event).finish()));
    } catch (error) {
      throw writingFailed(file ?? place, error);
    }
  };
  const scalars = (step: number, values: Record<string, number | null>) => {
    const fresh = Object.entries(values).filter(
      ([tag, value]) => value !== null && step > (written.get(tag) ?? -1),
    ) as [string, number][];
    if (fresh.length === 0) return;
    for (const [tag] of fresh) written.set(tag, step);
    const value = fresh.map(([tag, number]) => ({ tag, simple_value: number }));
    write({ wall_time: Date.now() / 1000, step, summary: { value } });
  };
  return {
    onStep: ({ step, loss, lr, purity, imagesPerSecond }) =>
      scalars(step, {
        'train/loss': loss,
        'train/lr': lr,
        'train/purity': purity,
        'train/images_per_second': imagesPerSecond,
      }),
    onEpoch: ({ step, loss, purity, knnTop1 }) =>
      scalars(step, { 'epoch/loss': loss, 'epoch/purity': purity, 'epoch/knn_top1': knnTop1 }),
    onLinearEpoch: ({ epoch, top1, top5 }) => scalars(epoch, { 'linear/top1': top1, 'linear/top5': top5 }),
    onRecord(record) {
      const results = resultsOf(record);
      if (Object.keys(results).every((tag) => written.has(tag))) return;
      for (const value of hparamsSummaries(record, Object.keys(results))) {
        write({ wall_time: Date.now() / 1000, step: 0, summary: { value: [value] } });
      }
      scalars(record.curves.at(-1)?.step ?? 0, results);
    },
  };
}

function resultsOf({ metrics }: RunRecord): Record<string, number> {
  const { knnTop1, linearTop1, purity, loss } = metrics;
  const all = {
    'result/knn_top1': knnTop1,
    'result/linear_top1': linearTop1,
    'result/purity': purity,
    'result/loss': loss,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null)) as Record<
    string,
    number
  >;
}

/** A file of its own, for what another writer left may end in half a record. Its name sorts behind theirs. */
function newFile(place: string): string {
  mkdirSync(place, { recursive: true });
  const name = (seconds: number) =>
    join(
      place,
      `events.out.tfevents.${String(seconds).padStart(10, '0')}.${hostname()}.${process.pid}${ending}`,
    );
  let seconds = Math.floor(Date.now() / 1000);
  while (existsSync(name(seconds))) seconds += 1;
  const first: Event = { wall_time: Date.now() / 1000, file_version: 'brain.Event:2' };
  appendFileSync(name(seconds), tfRecord(eventMessage().encode(first).finish()));
  return name(seconds);
}

function ownFiles(place: string): string[] {
  if (!existsSync(place)) return [];
  const names = readdirSync(place).filter((name) => name.startsWith('events.out.') && name.endsWith(ending));
  return names.map((name) => join(place, name));
}

function forget(place: string): void {
  for (const file of ownFiles(place)) rmSync(file, { force: true });
}

/** The last step of each series that is written already. */
function lastSteps(place: string): Map<string, number> {
  const last = new Map<string, number>();
  const message = eventMessage();
  for (const file of ownFiles(place)) {
    for (const record of tfRecords(readFileSync(file))) {
      const { step, summary } = message.toObject(message.decode(record), { longs: Number }) as Event;
      for (const { tag, simple_value: value } of summary?.value ?? []) {
        if (value !== undefined) last.set(tag, Math.max(last.get(tag) ?? -1, step ?? 0));
      }
    }
  }
  return last;
}

/** What the tab of hyperparameters needs: the settings, the results' names, and that the run is over. */
function hparamsSummaries({ config, provenance }: RunRecord, tags: readonly string[]): SummaryValue[] {
  const seconds = (time: string) => Date.parse(time) / 1000;
  const success = 1;
  const contents = {
    experiment: { experiment: { metric_infos: tags.map((tag) => ({ name: { tag } })) } },
    session_start_info: {
      session_start_info: {
        hparams: Object.fromEntries(settingsOf(config).map(([name, value]) => [name, protobufValue(value)])),
        group_name: recordId(config),
        start_time_secs: seconds(provenance.startedAt),
      },
    },
    session_end_info: {
      session_end_info: { status: success, end_time_secs: seconds(provenance.finishedAt) },
    },
  };
  const message = hparamsMessage();
  return Object.entries(contents).map(([name, data]) => ({
    tag: `_hparams_/${name}`,
    metadata: {
      plugin_data: {
        plugin_name: 'hparams',
        content: message.encode(message.create({ version: 0, ...data })).finish(),
      },
    },
    // TensorBoard wants a value; an empty one of 32-bit floats is what its own writer gives.
    tensor: { dtype: 1, tensor_shape: { dim: [{ size: 0 }] } },
  }));
}

/** All settings by their paths, such as training.batchSize. */
function settingsOf(value: object, path = ''): [string, string | number | boolean][] {
  return Object.entries(value).flatMap(([key, part]): [string, string | number | boolean][] => {
    const name = path ? `${path}.${key}` : key;
    if (Array.isArray(part)) return [[name, part.join('/')]];
    return typeof part === 'object' && part !== null ? settingsOf(part, name) : [[name, part]];
  });
}

function protobufValue(value: string | number | boolean): object {
  if (typeof value === 'number') return { number_value: value };
  return typeof value === 'boolean' ? { bool_value: value } : { string_value: value };
}
