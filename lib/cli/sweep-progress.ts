import { MultiBar, type SingleBar } from 'cli-progress';
import { terminalBar } from '../core/terminal-bar';
import { formatDuration } from '../core/text';
import { loadRecord } from '../results';
import type { LocalOptions, PlannedRun, RunEnd, TaskUpdate } from '../sweep';

/** Shows a local sweep: in a terminal a line that moves for every run at work, elsewhere a line for what begins and ends. */
export class SweepProgress implements Pick<LocalOptions, 'onStart' | 'onUpdate' | 'onEnd'> {
  private readonly bars?: MultiBar;
  private readonly bar = new Map<string, SingleBar>();
  private ended = 0;

  /** @param total runs of the sweep */
  constructor(private readonly total: number) {
    if (!process.stderr.isTTY) return;
    const format = '{id} {bar} {percentage}% | epoch {epoch} | {speed} images/s';
    this.bars = new MultiBar({ ...terminalBar, format, barsize: 20 });
  }

  onStart = ({ id }: PlannedRun): void => {
    if (this.bars) this.bar.set(id, this.bars.create(1, 0, { id, epoch: '–', speed: '–' }));
    else this.say(`begins   ${id}`);
  };

  onUpdate = ({ id }: PlannedRun, { step, steps, epoch, epochs, imagesPerSecond }: TaskUpdate): void => {
    const bar = this.bar.get(id);
    bar?.setTotal(steps);
    bar?.update(step, { epoch: `${epoch}/${epochs}`, speed: imagesPerSecond.toFixed(0) });
  };

  onEnd = ({ id, record }: PlannedRun, { state, reason, seconds, log }: RunEnd): void => {
    const bar = this.bar.get(id);
    if (bar) this.bars?.remove(bar);
    this.bar.delete(id);
    if (state !== 'stopped') this.ended += 1;
    const count = `${this.ended}/${this.total}`;
    const after = `after ${formatDuration(seconds)}`;
    if (state === 'done') this.say(`done     ${id}: ${accuracy(record)}${after} (${count})`);
    else if (state === 'stopped') this.say(`stopped  ${id}${reason ? `: ${reason}` : ''}`);
    else this.say(`FAILED   ${id} ${after} (${count}): ${reason}\n         ${log}`);
  };

  /** Ends the lines, so that a message can follow. */
  stop(): void {
    this.bars?.stop();
  }

  private say(line: string): void {
    if (this.bars) this.bars.log(`${line}\n`);
    else console.error(line);
  }
}

function accuracy(record: string): string {
  const { linearTop1, knnTop1 } = loadRecord(record).metrics;
  if (linearTop1 !== null) return `linear top-1 ${linearTop1.toFixed(2)} %, `;
  return knnTop1 === null ? '' : `k-NN ${knnTop1.toFixed(2)} %, `;
}
