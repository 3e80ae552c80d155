import type { Scalar, Tensor1D, Tensor4D } from '@tensorflow/tfjs-core';
import type { z } from 'zod';
import type { RunConfig } from '../config/run-config';
import type { Heads, Layer, NamedVariables } from '../models';

/** How a view of an image is made; see `lib/augment`. */
export type ViewKind = 'strong' | 'weak';

/** The random numbers of one training step, in the order in which the method asks for them. */
export interface StepDraws {
  /** A random order of 0..length-1. */
  permutation(length: number): Int32Array;
  /** A uniform number in [0, 1). */
  uniform(): number;
}

/** One batch, seen from several sides. */
export interface Batch {
  /** A tensor [batch, size, size, 3] for each of the method's views. */
  views: Tensor4D[];
  /** Classes, -1 where unknown. They are used for the purity alone. */
  labels: Tensor1D;
}

export interface StepResult {
  loss: Scalar;
  /** Share of neighbors of the query's own class, for methods that search neighbors. */
  purity?: Scalar;
}

/** Networks in training: what a method builds. */
export interface Learner {
  /** The network that is evaluated; its output is the representation. */
  readonly backbone: Layer;
  /** Values that the optimizer changes, by name. */
  parameters(): NamedVariables;
  /** Everything else that a resumed run needs: running statistics, teachers, banks. */
  state(): NamedVariables;
  /** Counters that a resumed run needs, by name; each can be set. */
  counters(): Record<string, { pointer: number }>;
  /** One forward pass with its updates of teachers and banks; called inside `tf.variableGrads`. */
  step(batch: Batch, draws: StepDraws): StepResult;
}

/** A self-supervised method: its settings, its views, and how to build it. */
export interface Method<Options = Record<string, unknown>> {
  /** What the command line and records call it: small letters, digits and hyphens. */
  name: string;
  /** How tables name it. */
  title: string;
  /** What it does, in a sentence. */
  summary: string;
  /** The paper it comes from, and the code whose details it follows. */
  source: string;
  /** Its projection and prediction heads, which `create` is given. */
  heads?: Heads;
  /** Its options with their defaults, which are the paper's for CIFAR. */
  options: z.ZodType<Options>;
  /**
   * The views of each image, in the order of `Batch.views`. Default: those that its option `views` names, such as
   * `strong/weak`.
   */
  views?(options: Options): ViewKind[];
  /** Builds the networks. @param heads those of the method. */
  create(config: RunConfig, options: Options, heads: Heads): Learner;
}
