import type { RunConfig } from '../../config/run-config';
import type { LinearEpoch } from '../../evaluation';
import type { RunRecord } from '../../results';
import type { EpochEvent, StepEvent } from '../../training';
import { jsonLinesLog } from './json-lines';
import type { OpenLog } from './run-log';
import { tensorboardLog } from './tensorboard';

/** Where the events of a run go besides its record. */
export interface LogPlaces {
  /** Folder for TensorBoard's event files; each run has a folder in it. */
  tensorboard?: string;
  /** File of JSON lines, which several runs may share. */
  log?: string;
}

interface Watcher {
  onStep?: (event: StepEvent) => void;
  onEpoch?: (event: EpochEvent) => void;
  onLinearEpoch?: (epoch: LinearEpoch, epochs: number) => void;
}

/**
 * A watcher of a run that writes its events to logs too.
 * @throws UserError if a log cannot be written, or is something else.
 */
export function loggedWatcher(
  config: RunConfig,
  { tensorboard, log, restart, onStep, onEpoch, onLinearEpoch }: LogPlaces & Watcher & { restart?: boolean },
): Required<Watcher> & { onRecord: (record: RunRecord) => void } {
  const kinds: [string | undefined, OpenLog][] = [
    [tensorboard, tensorboardLog],
    [log, jsonLinesLog],
  ];
  const logs = kinds.flatMap(([place, open]) =>
    place === undefined ? [] : [open(config, place, { restart })],
  );
  return {
    onStep: (event) => {
      onStep?.(event);
      for (const each of logs) each.onStep(event);
    },
    onEpoch: (event) => {
      onEpoch?.(event);
      for (const each of logs) each.onEpoch(event);
    },
    onLinearEpoch: (epoch, epochs) => {
      onLinearEpoch?.(epoch, epochs);
      for (const each of logs) each.onLinearEpoch(epoch);
    },
    onRecord: (record) => {
      for (const each of logs) each.onRecord(record);
    },
  };
}
