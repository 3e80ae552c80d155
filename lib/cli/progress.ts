import { SingleBar } from 'cli-progress';
import { terminalBar } from '../core/terminal-bar';
import { formatDuration } from '../core/text';
import type { LinearEpoch, RawPixelPart } from '../evaluation';
import { formatEpoch } from '../results';

import type { EpochEvent, StepEvent } from '../training';
import { outlivesTerminal } from './hangup';

/**
 * Shows a run: in a terminal a bar with speed, loss, purity and time left, elsewhere (a log, a pipe) a line
 * for every epoch.
 */
export class RunProgress {
  private bar?: SingleBar;

  constructor(private readonly title: string) {}

  onStep = (event: StepEvent): void => {
    const { step, steps, imagesPerSecond, loss, purity, epoch, epochs } = event;
    if (!process.stderr.isTTY) return;
    this.bar ??= this.start(steps, step - 1);
    const secondsPerStep = this.secondsPerStep(step);
    this.bar.update(step, {
      epoch: `${epoch}/${epochs}`,
      speed: imagesPerSecond.toFixed(0),
      loss: loss.toFixed(3),
      purity: purity === null ? '' : `purity ${purity.toFixed(3)} | `,
      left: formatDuration((steps - step) * secondsPerStep),
    });
    if (step === steps) this.stop();
  };

  onEpoch = (event: EpochEvent): void => {
    if (!process.stderr.isTTY) console.error(`${this.title}: ${formatEpoch(event)}`);
  };

  onLinearEpoch = ({ epoch, top1 }: LinearEpoch, epochs: number): void => {
    const text = `${this.title}: linear evaluation, epoch ${epoch}/${epochs}, top-1 ${top1.toFixed(2)} %`;
    if (process.stderr.isTTY) process.stderr.write(`\r${text}${epoch === epochs ? '\n' : ''}`);
    else if (epoch === epochs) console.error(text);
  };

  onRawPixels = (done: number, total: number, part: RawPixelPart): void => {
    // One part is over before anybody could read a bar.
    if (total === 1) return;
    this.rawPixels ??= rawPixelBar();
    this.rawPixels.update(done, total, `${this.title}: ${part}`);
  };

  /** Ends the bar, so that a message can follow. */
  stop(): void {
    this.rawPixels?.stop();
    this.bar?.stop();
    this.bar = undefined;
  }

  private rawPixels?: WorkBar;
  private startedAt = 0;
  private firstStep = 0;

  private start(steps: number, done: number): SingleBar {
    const format = `${this.title} {bar} {percentage}% | epoch {epoch} | {speed} images/s | loss {loss} | {purity}{left} left`;
    const bar = new SingleBar({ ...terminalBar, format, barsize: 20 });
    bar.start(steps, done, { epoch: '', speed: '', loss: '', purity: '', left: '' });
    this.startedAt = performance.now();
    this.firstStep = done;
    return bar;
  }

  private secondsPerStep(step: number): number {
    const done = step - this.firstStep - 1;
    // The first step pays for warming up; one is needed to tell anything.
    return done < 1 ? 0 : (performance.now() - this.startedAt) / 1000 / done;
  }
}

/** Images that go through a network: a bar in a terminal, elsewhere a line when they start. */
export class ImageProgress {
  private bar?: SingleBar;

  start = (title: string, images: number): void => {
    this.stop();
    if (images === 0) return;
    if (!process.stderr.isTTY) {
      console.error(`${title}: ${images.toLocaleString('en')} images through the network`);
      return;
    }
    const format = `${title} {bar} {percentage}% | {value} of {total} images | {note}{eta_formatted} left`;
    this.bar = new SingleBar({ ...terminalBar, format, barsize: 20 });
    this.bar.start(images, 0, { note: '' });
  };

  /** How well it goes: stands in the bar, elsewhere in a line of its own. */
  note = (text: string): void => {
    if (this.bar) this.bar.update({ note: `${text} | ` });
    else console.error(text);
  };

  add = (count: number): void => this.bar?.increment(count);

  stop = (): void => {
    this.bar?.stop();
    this.bar = undefined;
  };
}

/** A bar for something that says how much of it is done; after `stop`, or for other work, an update starts a new one. */
export interface WorkBar {
  update: (done: number, total: number, work?: string) => void;
  stop: () => void;
}

/** A bar of bytes in a terminal, nothing elsewhere. */
export function transferBar(): WorkBar {
  const format = '{bar} {percentage}% | {megabytes} of {totalMegabytes} MB | {eta_formatted} left';
  return workBar(format, (done, total) => {
    const [megabytes, totalMegabytes] = [done, total].map((bytes) => Math.ceil(bytes / 1e6));
    return { megabytes, totalMegabytes };
  });
}

/** A bar of a dataset that is being read, in a terminal; nothing elsewhere. */
export function readingBar(title: string): WorkBar {
  return workBar(`Reading ${title} {bar} {percentage}% | {eta_formatted} left`, () => ({}));
}

/** A bar for each raw-pixel baseline that ends an evaluation, in a terminal; nothing elsewhere. */
export function rawPixelBar(): WorkBar {
  return workBar('on raw pixels {bar} {percentage}% | {eta_formatted} left', () => ({}));
}

function workBar(format: string, values: (done: number, total: number) => object): WorkBar {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  let bar: SingleBar | undefined;
  let current = '';
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  return {
    update: (done, total, work = '') => {
      if (work !== current) stop();
      if (!bar) {
        current = work;
        const titled = `${work && `${work} `}${format}`;
        bar = new SingleBar({ ...terminalBar, format: titled, barsize: 30 });
        bar.start(total, done, values(done, total));
      }
      bar.update(done, values(done, total));
    },
    stop,
  };
}

/**
 * Aborts on the first Ctrl-C, SIGTERM, SIGUSR1 or SIGHUP, with its name as the reason, so that things can be put in
 * order; the same one again ends the process at once, except for SIGHUP: a shell and the system both send it when a
 * terminal is closed.
 */
export function abortOnSignals(doing = 'saving after the step at hand'): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const) {
    process.once(signal, () => {
      console.error(`\n${signal}: ${doing} (again to stop at once) ...`);
      controller.abort(signal);
    });
  }
  if (!outlivesTerminal()) {
    process.on('SIGHUP', () => {
      if (controller.signal.aborted) return;
      // Nothing can be written to a terminal that is gone.
      for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
      console.error(`\nSIGHUP: ${doing} ...`);
      controller.abort('SIGHUP');
    });
  }
  return controller.signal;
}
