import type { RunConfig } from '../config/run-config';
import { datasetName } from '../data';
import type { LinearEpoch } from '../evaluation';
import { trainingRun } from '../figures';
import { methodName } from '../methods';
import { formatEpoch } from '../results';
import type { EpochEvent, StepEvent } from '../training';
import { chartBundle, chartText } from './display';
import { inNotebook, LiveOutput } from './show';

/** What a run tells its display: options of `pretrain` and `runExperiment`. */
export interface TrainingWatch {
  onStep: (event: StepEvent) => void;
  onEpoch: (event: EpochEvent) => void;
  onLinearEpoch: (event: LinearEpoch, epochs: number) => void;
}

/** Milliseconds between two charts: each is sent whole. */
const interval = 1000;

/**
 * Shows a run below the cell as a chart that grows while it trains, and ends as one chart of the whole run, also
 * where the run fails or is interrupted. In a terminal each epoch is a line.
 *
 * ```ts
 * const record = await displayTraining(config, (watch) => runExperiment(config, images, { ...watch }));
 * ```
 */
export async function displayTraining<T>(
  config: RunConfig,
  train: (watch: TrainingWatch) => Promise<T>,
): Promise<T> {
  const view = new TrainingView(config);
  try {
    return await train(view.watch);
  } finally {
    await view.end();
  }
}

class TrainingView {
  private readonly output = new LiveOutput(interval);
  private readonly steps: { epoch: number; loss: number; purity: number | null }[] = [];
  private readonly evaluations: { epoch: number; knnTop1: number }[] = [];
  private last: StepEvent | undefined;
  private lastEpoch: EpochEvent | undefined;
  private linear: { epoch: number; epochs: number; best: number } | undefined;

  constructor(private readonly config: RunConfig) {}

  readonly watch: TrainingWatch = {
    onStep: (event) => {
      const { step, steps, epochs, loss, purity } = event;
      this.steps.push({ epoch: (step * epochs) / steps, loss, purity });
      this.last = event;
      this.showLive();
    },
    onEpoch: (event) => {
      const { epoch, knnTop1 } = event;
      if (knnTop1 !== null) this.evaluations.push({ epoch, knnTop1 });
      this.lastEpoch = event;
      if (!inNotebook()) console.log(`${this.title()}: ${formatEpoch(event)}`);
    },
    onLinearEpoch: ({ epoch, top1 }, epochs) => {
      this.linear = { epoch, epochs, best: Math.max(this.linear?.best ?? 0, top1) };
      this.showLive();
    },
  };

  /** The chart of the whole run, as an image too. */
  async end(): Promise<void> {
    if ((this.last || this.linear) && inNotebook())
      this.output.show(await chartBundle(this.chart(this.result())));
  }

  private showLive(): void {
    if (!this.output.due()) return;
    const chart = this.chart(this.state());
    this.output.show({ 'application/vnd.vegalite.v5+json': chart, 'text/plain': chartText(chart) });
  }

  private chart(state: string): ReturnType<typeof trainingRun> {
    const { steps, evaluations } = this;
    const { method, dataset, training } = this.config;
    return trainingRun({ method, dataset, epochs: training.epochs, steps, evaluations, state });
  }

  private state(): string {
    if (this.linear) return `Linear evaluation, epoch ${this.linear.epoch} of ${this.linear.epochs}`;
    if (!this.last) return '';
    const { epoch, epochs, step, steps, imagesPerSecond } = this.last;
    return `Epoch ${epoch} of ${epochs}, step ${step} of ${steps}, ${imagesPerSecond.toFixed(0)} images/s`;
  }

  /** What does not differ between two runs of the same. */
  private result(): string {
    const { last } = this;
    if (last && last.step < last.steps) return `Stopped after step ${last.step} of ${last.steps}`;
    const parts = this.lastEpoch ? [`After ${formatEpoch(this.lastEpoch)}`] : [];
    if (this.linear) parts.push(`linear ${this.linear.best.toFixed(2)} %`);
    return parts.join(', ');
  }

  private title(): string {
    return `${methodName(this.config.method)} on ${datasetName(this.config.dataset)}`;
  }
}
