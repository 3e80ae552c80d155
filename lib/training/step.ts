import type { Scalar, Variable } from '@tensorflow/tfjs-core';
import { tf } from '../engine';
import type { Batch, Learner, StepDraws } from '../methods';
import { releaseKept } from '../models';
import type { Sgd } from './sgd';

/** What one training step reports. */
export interface StepReport {
  loss: number;
  /** null for a method without neighbors. */
  purity: number | null;
}

/**
 * One step: forward pass, gradients, and, where the loss is a finite number, the optimizer's update. With a
 * loss that is not, the parameters stay as they were; the caller stops.
 */
export async function trainStep(
  learner: Learner,
  optimizer: Sgd,
  batch: Batch,
  draws: StepDraws,
  lr: number,
): Promise<StepReport> {
  let purity: Scalar | undefined;
  const parameters: Variable[] = [...learner.parameters().values()];
  const { value, grads } = tf.variableGrads(() => {
    const result = learner.step(batch, draws);
    if (result.purity) purity = tf.keep(result.purity);
    return result.loss;
  }, parameters);
  releaseKept();
  const [loss] = await value.data();
  if (Number.isFinite(loss)) optimizer.step(grads, lr);
  const share = purity ? (await purity.data())[0] : null;
  tf.dispose([value, grads, purity ?? []]);
  return { loss, purity: share };
}
