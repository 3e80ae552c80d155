import { appendFileSync, existsSync, readFileSync, truncateSync } from 'node:fs';
import type { RunConfig } from '../../config/run-config';
import { UserError } from '../../core/errors';
import { checkFileWritable, writeFileAtomic, writingFailed } from '../../core/files';
import { recordId } from '../../results';
import type { RunLog } from './run-log';

interface Line {
  run: string;
  event: 'start' | 'step' | 'epoch' | 'linear' | 'end';
  step?: number;
  epoch?: number;
}

/**
 * Writes a run as JSON lines, one for each event: `start` with the configuration, `step`, `epoch`, `linear` for the
 * epochs of the linear evaluation, `end` with the results. Each names its run, so that several runs can share a file.
 * What an earlier process has written of the run is not written again.
 * @throws UserError if the file cannot be written, or holds something else.
 */
export function jsonLinesLog(config: RunConfig, file: string, { restart = false } = {}): RunLog {
  const run = recordId(config);
  checkFileWritable(file);
  const lines = readLines(file);
  if (restart && lines.some((line) => line.run === run)) {
    const others = lines.filter((line) => line.run !== run).map((line) => `${JSON.stringify(line)}\n`);
    writeFileAtomic(file, others.join(''));
  }
  const before = restart ? [] : lines.filter((line) => line.run === run);
  const last = (event: Line['event'], key: 'step' | 'epoch') =>
    before.reduce((most, line) => (line.event === event ? Math.max(most, line[key] ?? 0) : most), -1);
  const done = { step: last('step', 'step'), epoch: last('epoch', 'epoch'), linear: last('linear', 'epoch') };
  const has = (event: Line['event']) => before.some((line) => line.event === event);
  const write = (event: Line['event'], facts: object) => {
    try {
      appendFileSync(file, `${JSON.stringify({ run, event, time: new Date().toISOString(), ...facts })}\n`);
    } catch (error) {
      throw writingFailed(file, error);
    }
  };
  if (!has('start')) write('start', { config });
  return {
    onStep: (event) => event.step > done.step && write('step', event),
    onEpoch: (event) => event.epoch > done.epoch && write('epoch', event),
    onLinearEpoch: (event) => event.epoch > done.linear && write('linear', event),
    onRecord: ({ metrics, timing }) => has('end') || write('end', { metrics, seconds: timing.totalSeconds }),
  };
}

function readLines(file: string): Line[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  // A writer was killed in the middle of its last line.
  if (whole.length < text.length && (whole.length > 0 || text.startsWith('{"run":'))) {
    truncateSync(file, Buffer.byteLength(whole));
  } else if (whole.length < text.length) throw noLog(file);
  return whole
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      try {
        return JSON.parse(line) as Line;
      } catch {
        throw noLog(file);
      }
    });
}

function noLog(file: string): UserError {
  return new UserError(
    `${file} holds something else than JSON lines, and is left as it is. Name another file for the log.`,
  );
}
