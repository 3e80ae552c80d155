import type { RunConfig } from '../../lib/config/run-config';
import { type RunRecord, recordId } from '../../lib/results';

/** A small, valid configuration for tests. */
export function sampleConfig(method = 'mnn', seed = 1339): RunConfig {
  return {
    method,
    options: { memoryBank: 1024, topK: 5 },
    dataset: 'shapes10',
    images: {},
    preset: 'quick',
    seed,
    model: { width: 8, maxPool: false, bnSplits: 4, hidden: 128, dim: 64 },
    training: {
      epochs: 6,
      batchSize: 128,
      baseLr: 0.06,
      warmupEpochs: 1,
      sgdMomentum: 0.9,
      weightDecay: 5e-4,
      cropSize: 16,
    },
    evaluation: {
      knnK: 20,
      knnTemperature: 0.1,
      knnEvery: 1,
      linear: { epochs: 2, batchSize: 256, lr: 30, milestones: [1] },
    },
  };
}

/** A valid record of a run that got better with every epoch, up to `finalKnn` percent. */
export function sampleRecord(method = 'mnn', finalKnn = 71.25, seed = 1339): RunRecord {
  const config = sampleConfig(method, seed);
  const epochs = Array.from({ length: config.training.epochs }, (_, i) => i + 1);
  return {
    schemaVersion: 1,
    id: recordId(config),
    config,
    scale: 'reduced',
    scaleReasons: ["dataset shapes10 is not one of the paper's"],
    dataset: {
      name: 'shapes10',
      checksum: 'ab'.repeat(32),
      trainImages: 2000,
      testImages: 500,
      classes: 10,
    },
    curves: epochs.map((epoch) => ({
      epoch,
      step: epoch * 15,
      lr: 0.03 / epoch,
      loss: 1.8 / (1 + epoch / 3),
      purity: 0.1 + (0.5 * epoch) / 6,
      knnTop1: 10 + (finalKnn - 10) * Math.sqrt(epoch / 6),
    })),
    linearCurve: [
      { epoch: 1, lr: 30, loss: 1.1, top1: 66.5, top5: 95 },
      { epoch: 2, lr: 3, loss: 0.9, top1: 66, top5: 95.5 },
    ],
    metrics: {
      knnTop1: finalKnn,
      knnBestTop1: finalKnn,
      knnK: 20,
      linearTop1: 66.5,
      linearTop5: 95.5,
      linearLastTop1: 66,
      linearLastTop5: 95.5,
      purity: 0.6,
      loss: 0.6,
      rawPixelKnnTop1: 23.4,
      rawPixelLinearTop1: 31.25,
    },
    provenance: {
      kitVersion: '0.1.0',
      commit: '0123456789abcdef0123456789abcdef01234567',
      dirty: false,
      packageLockSha256: 'cd'.repeat(32),
      engine: { name: 'wasm', version: '4.22.0', threads: 2 },
      node: 'v20.20.2',
      platform: 'linux x64',
      cpu: { model: 'Some CPU', cores: 2 },
      memoryGiB: 8,
      gpu: null,
      startedAt: '2026-01-01T00:00:00.000Z',
      finishedAt: '2026-01-01T00:03:00.000Z',
      resumed: 0,
    },
    timing: {
      pretrainSeconds: 150,
      evaluationSeconds: 30,
      totalSeconds: 180,
      epochSeconds: [25, 25, 25, 25, 25, 25],
      imagesPerSecond: 80,
    },
  };
}
