import type { Tensor2D, Tensor4D } from '@tensorflow/tfjs-core';
import type { RunConfig } from '../config/run-config';
import { randomStream } from '../core/random';
import { currentEngine, inverseOrder, tf } from '../engine';
import { apply, type Heads, type Layer, type NamedVariables, prefixed, ResNet18 } from '../models';
import type { StepDraws } from './method';

interface Student {
  backbone: ResNet18;
  projection: Layer;
  prediction?: Layer;
}

/**
 * Student and, where a method has one, teacher. The student is a backbone f with a projection head g and
 * sometimes a prediction head h; the teacher is a moving average of f and g. Paper section 3.
 */
export class Networks {
  private readonly student: Student;
  private readonly teacher?: Omit<Student, 'prediction'>;

  /** @param teacherMomentum weight of the old teacher in the moving average; without it there is no teacher. */
  constructor(
    { seed, model }: Pick<RunConfig, 'seed' | 'model'>,
    heads: Heads,
    private readonly teacherMomentum?: number,
  ) {
    const random = randomStream(seed, 'init');
    const { hidden, dim } = model;
    const encoder = (trainable: boolean) => {
      const backbone = new ResNet18(random, { ...model, trainable });
      const sizes = { ins: backbone.featureSize, hidden, outs: dim };
      return { backbone, projection: heads.projection(random, sizes, trainable) };
    };
    this.student = encoder(true);
    if (heads.prediction) {
      this.student.prediction = heads.prediction(random, { ins: dim, hidden, outs: dim }, true);
    }
    if (teacherMomentum !== undefined) {
      this.teacher = encoder(false);
      this.moveTeacher(0);
    }
  }

  get backbone(): Layer {
    return this.student.backbone;
  }

  parameters(): NamedVariables {
    return prefixed(Object.entries(this.student).map(([name, layer]) => [name, layer.parameters()]));
  }

  /** Running statistics, and the teacher. */
  state(): NamedVariables {
    return prefixed([
      ...Object.entries(this.student).map(([name, layer]): [string, NamedVariables] => [
        name,
        layer.buffers(),
      ]),
      ...Object.entries(this.teacher ?? {}).flatMap(([name, layer]): [string, NamedVariables][] => [
        [`teacher.${name}`, layer.parameters()],
        [`teacher.${name}`, layer.buffers()],
      ]),
    ]);
  }

  /** Moves the teacher's parameters, and not its running statistics, toward the student's. */
  moveTeacher(momentum = this.teacherMomentum!): void {
    const { backbone, projection } = this.teacher!;
    for (const [teacher, student] of [
      [backbone, this.student.backbone],
      [projection, this.student.projection],
    ]) {
      const targets = [...teacher.parameters().values()];
      currentEngine().kernels.movingAverage(targets, [...student.parameters().values()], momentum);
    }
  }

  /**
   * Projections z of the student, [batch, dim] for each view. All views go through the networks in one call,
   * with statistics of their own, in the order given.
   * @param movements the views whose statistics move the running ones, where that is not each view once.
   */
  project(views: Tensor4D[], movements?: number[]): Tensor2D[] {
    const options = { views: views.length, movements };
    const features = apply(this.student.backbone, tf.concat(views, 0), { ...options, inputGradient: false });
    return splitViews(apply(this.student.projection, features, options) as Tensor2D, views.length);
  }

  /** Predictions p of the student from its projections, in one call. */
  predict(projections: Tensor2D[], movements?: number[]): Tensor2D[] {
    const options = { views: projections.length, movements };
    const all = apply(this.student.prediction!, tf.concat(projections, 0), options) as Tensor2D;
    return splitViews(all, projections.length);
  }

  /**
   * Keys of the teacher, [batch, dim] for each view, without gradient. Each batch is shuffled before it enters,
   * so that other samples share a split than in the student, and put back in order afterwards.
   */
  keys(views: Tensor4D[], draws: StepDraws): Tensor2D[] {
    const orders = views.map((view) => draws.permutation(view.shape[0]));
    const { backbone, projection } = this.teacher!;
    const { takeRows } = currentEngine().kernels;
    return tf.tidy(() => {
      const shuffled = views.map((view, i) => takeRows(view, orders[i]));
      const options = { views: views.length };
      const features = apply(backbone, tf.concat(shuffled, 0), options);
      const keys = splitViews(apply(projection, features, options) as Tensor2D, views.length);
      return keys.map((rows, i) => takeRows(rows, inverseOrder(orders[i])));
    });
  }
}

/** The stretches of a batch that are different views. */
function splitViews(all: Tensor2D, views: number): Tensor2D[] {
  // The gradient of a split into one part fails in TensorFlow.js.
  return views === 1 ? [all] : tf.split(all, views);
}
