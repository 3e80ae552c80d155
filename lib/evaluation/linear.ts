import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { type RecipeName, ViewLoader } from '../augment';
import type { RunConfig } from '../config/run-config';
import { UserError } from '../core/errors';
import { batchIndices, checkEvaluated, type Dataset } from '../data';
import { tf } from '../engine';
import { apply, type Layer } from '../models';
import type { RunMetrics } from '../results';
import { stepSchedule } from '../training';
import { featureParts } from './features';
import { LinearClassifier } from './linear-classifier';
import { topKAccuracy } from './metrics';

/** One epoch of the linear evaluation: its mean training loss, and accuracies on the test images in percent. */
export interface LinearEpoch {
  epoch: number;
  lr: number;
  loss: number;
  top1: number;
  top5: number;
}

export interface LinearEvaluationOptions {
  /** Told after every epoch, with the test images' class scores [count, classes]. */
  onEpoch?: (epoch: LinearEpoch, epochs: number, logits: Float32Array) => void;
  /**
   * Told how many images, first those of the test and then those of each batch, have gone through the network since
   * it was told last; what it throws ends the work.
   */
  onImages?: (count: number) => void;
  /** Threads that make views. */
  workers?: number;
  /** How the training images are augmented; `test` leaves them as they are. Default `linear-train`. */
  recipe?: RecipeName;
}

/** The settings of a run that a linear evaluation depends on. */
export interface LinearSettings {
  seed: number;
  training: Pick<RunConfig['training'], 'cropSize'>;
  evaluation: Pick<RunConfig['evaluation'], 'linear'>;
}

/**
 * The linear evaluation: a linear classifier learns on the frozen network's features of augmented training
 * images, the network in evaluation mode, and is tested after every epoch. Paper section 4; the authors'
 * `linear_eval.py`: they report the best epoch.
 */
export async function linearEvaluation(
  backbone: Layer,
  dataset: Dataset,
  config: LinearSettings,
  { onEpoch, onImages, workers, recipe = 'linear-train' }: LinearEvaluationOptions = {},
): Promise<LinearEpoch[]> {
  const { epochs, batchSize, lr, milestones } = config.evaluation.linear;
  if (epochs === 0) return [];
  checkEvaluated(dataset);
  const { train, test, normalization, classes } = dataset;
  const testFeatures = await featureParts(backbone, test, normalization, onImages);
  const classifier = new LinearClassifier(config.seed, testFeatures[0].shape[1], classes.length);
  const loader = new ViewLoader(train, [recipe], config.training.cropSize, normalization, { workers });
  const rates = stepSchedule(lr, epochs, milestones);
  const curve: LinearEpoch[] = [];
  try {
    let sum = 0;
    let seen = 0;
    const perEpoch = Math.ceil(train.count / batchSize);
    for await (const { indices, views, request } of numbered(
      loader,
      train.count,
      batchSize,
      config.seed,
      epochs,
    )) {
      const { epoch, step } = request;
      const size = config.training.cropSize;
      const features = tf.tidy(() => {
        const images = tf.tensor4d(views[0], [indices.length, size, size, 3]) as Tensor4D;
        return apply(backbone, images, { training: false }) as Tensor2D;
      });
      const labels = Int32Array.from(indices, (index) => train.labels[index]);
      const loss = await classifier.trainStep(features, labels, rates[epoch]);
      features.dispose();
      loader.release(views);
      checkFinite(loss, epoch);
      sum += loss * indices.length;
      seen += indices.length;
      onImages?.(indices.length);
      // Between batches the process can answer a signal.
      await new Promise(setImmediate);
      if (step === perEpoch - 1) {
        const logits = await classScores(classifier, testFeatures);
        const [top1, top5] = [1, 5].map((k) => topKAccuracy(logits, test.labels, classes.length, k));
        curve.push({ epoch: epoch + 1, lr: rates[epoch], loss: sum / seen, top1, top5 });
        onEpoch?.(curve[epoch], epochs, logits);
        sum = 0;
        seen = 0;
      }
    }
  } finally {
    await loader.close();
    classifier.dispose();
    tf.dispose(testFeatures);
  }
  return curve;
}

/** All batches of all epochs, each with its epoch and its step in it. */
async function* numbered(
  loader: ViewLoader,
  count: number,
  batchSize: number,
  seed: number,
  epochs: number,
): AsyncGenerator<{ indices: Int32Array; views: Float32Array[]; request: { epoch: number; step: number } }> {
  const places: { epoch: number; step: number }[] = [];
  const requests = (function* () {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const batches = batchIndices(count, batchSize, seed, epoch, {
        purpose: 'linear-order',
        keepLast: true,
      });
      for (const [step, indices] of batches.entries()) {
        places.push({ epoch, step });
        yield { indices, seed, epoch, purpose: 'linear-augment' as const };
      }
    }
  })();
  for await (const batch of loader.batches(requests)) yield { ...batch, request: places.shift()! };
}

function checkFinite(loss: number, epoch: number): void {
  if (Number.isFinite(loss)) return;
  throw new UserError(
    `The loss of the linear evaluation became ${loss} in epoch ${epoch + 1}: give a smaller evaluation.linear.lr.`,
  );
}

/** Class scores [count, classes] of features in parts that follow one another. */
async function classScores(
  classifier: LinearClassifier,
  features: readonly Tensor2D[],
): Promise<Float32Array> {
  const logits = tf.tidy(() => tf.concat(features.map((part) => classifier.logits(part))));
  const scores = (await logits.data()) as Float32Array;
  logits.dispose();
  return scores;
}

/** What the linear evaluation came to: the best of its epochs, as the authors report it, and the last. */
export function linearMetrics(
  curve: LinearEpoch[],
): Pick<RunMetrics, 'linearTop1' | 'linearTop5' | 'linearLastTop1' | 'linearLastTop5'> {
  const highest = (values: number[]) => (values.length > 0 ? Math.max(...values) : null);
  return {
    linearTop1: highest(curve.map(({ top1 }) => top1)),
    linearTop5: highest(curve.map(({ top5 }) => top5)),
    linearLastTop1: curve.at(-1)?.top1 ?? null,
    linearLastTop5: curve.at(-1)?.top5 ?? null,
  };
}
