import type { Tensor1D, Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import { currentEngine, tf } from '../engine';
import { apply, byolHead, type Layer, type NamedVariables, prefixed, ResNet18 } from '../models';
import { randomStream } from '../random';
import type { RunConfig } from '../training/config';
import type { StepDraws } from './method';

/**
 * Student and teacher of BYOL, MSF and MNN. The student is backbone, projection head and prediction head;
 * the teacher a moving average of the first two. Paper section 3; `models/` of the authors' code.
 */
export class MomentumNetworks {
  readonly backbone: ResNet18;
  private readonly projection: Layer;
  private readonly prediction: Layer;
  private readonly teacherBackbone: ResNet18;
  private readonly teacherProjection: Layer;

  constructor(
    { seed, model }: Pick<RunConfig, 'seed' | 'model'>,
    private readonly teacherMomentum: number,
  ) {
    const random = randomStream(seed, 'init');
    const { hidden, dim } = model;
    const network = (trainable: boolean) => {
      const backbone = new ResNet18(random, { ...model, trainable });
      const sizes = { ins: backbone.featureSize, hidden, outs: dim };
      return { backbone, projection: byolHead(random, sizes, trainable) };
    };
    ({ backbone: this.backbone, projection: this.projection } = network(true));
    this.prediction = byolHead(random, { ins: dim, hidden, outs: dim }, true);
    ({ backbone: this.teacherBackbone, projection: this.teacherProjection } = network(false));
    this.moveTeacher(0);
  }

  parameters(): NamedVariables {
    return prefixed([
      ['backbone', this.backbone.parameters()],
      ['projection', this.projection.parameters()],
      ['prediction', this.prediction.parameters()],
    ]);
  }

  state(): NamedVariables {
    return prefixed([
      ['backbone', this.backbone.buffers()],
      ['projection', this.projection.buffers()],
      ['prediction', this.prediction.buffers()],
      ['teacher.backbone', this.teacherBackbone.parameters()],
      ['teacher.backbone', this.teacherBackbone.buffers()],
      ['teacher.projection', this.teacherProjection.parameters()],
      ['teacher.projection', this.teacherProjection.buffers()],
    ]);
  }

  /** Moves the teacher's parameters, and not its running statistics, towards the student's. */
  moveTeacher(momentum = this.teacherMomentum): void {
    const pairs: [Layer, Layer][] = [
      [this.teacherBackbone, this.backbone],
      [this.teacherProjection, this.projection],
    ];
    for (const [teacher, student] of pairs) {
      const targets = [...teacher.parameters().values()];
      currentEngine().kernels.movingAverage(targets, [...student.parameters().values()], momentum);
    }
  }

  /**
   * Predictions of the student for each picture batch. All go through the networks in one call, with
   * statistics of their own, in the order given.
   */
  predict(...views: Tensor4D[]): Tensor2D[] {
    const options = { views: views.length };
    const features = apply(this.backbone, tf.concat(views, 0), { ...options, inputGradient: false });
    const embeddings = apply(this.projection, features, options);
    return tf.split(apply(this.prediction, embeddings, options) as Tensor2D, views.length);
  }

  /**
   * Keys of the teacher for each picture batch, without gradient. Each batch is shuffled before it enters,
   * so that other samples share a split than in the student, and put back in order afterwards.
   */
  keys(draws: StepDraws, ...views: Tensor4D[]): Tensor2D[] {
    const orders = views.map((view) => draws.permutation(view.shape[0]));
    return tf.tidy(() => {
      const shuffled = views.map((view, i) => takeRows(view, orders[i]));
      const options = { views: views.length };
      const features = apply(this.teacherBackbone, tf.concat(shuffled, 0), options);
      const embeddings = apply(this.teacherProjection, features, options) as Tensor2D;
      const split: Tensor2D[] = tf.split(embeddings, views.length);
      return split.map((keys, i) => takeRows(keys, inverse(orders[i])));
    });
  }
}

function takeRows<T extends Tensor2D | Tensor4D>(rows: T, order: Int32Array): T {
  return tf.tidy(() => tf.gather(rows, tf.tensor1d(order, 'int32') as Tensor1D));
}

function inverse(order: Int32Array): Int32Array {
  const places = new Int32Array(order.length);
  order.forEach((from, to) => {
    places[from] = to;
  });
  return places;
}
