import type { RunConfig } from '../../lib/config/run-config';
import type { PaperDataset } from '../../lib/presets/paper-settings';
import { presetConfig } from '../../lib/presets/presets';
import { describeScale, paperScale } from '../../lib/presets/scale';
import { type RunMetrics, type RunRecord, recordId } from '../../lib/results';
import { sampleRecord } from '../results/sample-record';

/** A record of a configuration, on as many images as the dataset has, or as it asks for. */
export function recordOf(config: RunConfig, metrics: Partial<RunMetrics> = {}): RunRecord {
  const record = sampleRecord();
  const whole = paperScale(config)?.images;
  const images = {
    trainImages: config.images.train ?? whole!.trainImages,
    testImages: config.images.test ?? whole!.testImages,
  };
  return {
    ...record,
    id: recordId(config),
    config,
    dataset: { ...record.dataset, name: config.dataset, ...images },
    ...describeScale(config, images, paperScale({ method: config.method, dataset: config.dataset })),
    metrics: { ...record.metrics, ...metrics },
  };
}

/** A record at the paper's scale. */
export function paperRecord(
  method: string,
  dataset: PaperDataset,
  seed: number,
  metrics: Partial<RunMetrics> = {},
  options: RunConfig['options'] = {},
): RunRecord {
  return recordOf(presetConfig({ preset: 'paper', method, dataset, seed, options }), metrics);
}
