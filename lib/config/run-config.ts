import { z } from 'zod';
import { UserError } from '../core/errors';

const positiveInt = z.int().positive();

/**
 * Everything that determines a run: two runs with equal configurations on the same engine and machine
 * give the same bits.
 */
export const runConfigSchema = z.strictObject({
  method: z.string(),
  /** The method's own settings (memory size, K, mixing ...); each method checks its own. */
  options: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  dataset: z.string(),
  /** Numbers and size of the images where they are not the dataset's own. */
  images: z.strictObject({
    train: positiveInt.optional(),
    /** Labeled training images of each class, in place of `train`. */
    perClass: positiveInt.optional(),
    test: positiveInt.optional(),
    /** Images without labels that pretraining sees too, for STL-10 alone. */
    unlabeled: z.int().nonnegative().optional(),
    /** Seed of every choice of images, and of the built-in dataset's drawings; 1339 where it is left out. */
    seed: z.int().optional(),
    /** Height and width, for the built-in dataset and folders of images alone. */
    size: positiveInt.optional(),
    /** Share of each class that becomes the test images, for a folder without test images alone; 0.2 if left out. */
    testShare: z.number().min(0).lt(1).optional(),
    /** Leave out images that cannot be used, for folders of images alone. */
    skipBroken: z.boolean().optional(),
  }),
  /** The named settings this configuration was made from: quick, small or paper. */
  preset: z.string(),
  seed: z.int(),
  model: z.strictObject({
    /** Channels of the first stage of the ResNet-18; 64 in the paper, features have 8 times as many. */
    width: positiveInt,
    /** 3x3 max pooling after the first convolution: the paper's STL-10 and Tiny ImageNet networks. */
    maxPool: z.boolean(),
    /** Parts of a batch that are normalized on their own in the backbone (SplitBatchNorm). */
    bnSplits: positiveInt,
    /** Hidden width of the projection and prediction heads; 2048 in the paper. */
    hidden: positiveInt,
    /** Length of the embeddings; 128 in the paper. */
    dim: positiveInt,
  }),
  training: z.strictObject({
    epochs: z.int().nonnegative(),
    batchSize: positiveInt,
    /** Learning rate at batch 256; what is used is baseLr * batchSize / 256. */
    baseLr: z.number().nonnegative(),
    warmupEpochs: z.int().nonnegative(),
    sgdMomentum: z.number().min(0).max(1),
    weightDecay: z.number().nonnegative(),
    /** Height and width of the views in pixels. */
    cropSize: positiveInt,
  }),
  evaluation: z.strictObject({
    /** Neighbors that vote in the nearest-neighbor evaluation; 200 in the paper. */
    knnK: positiveInt,
    knnTemperature: z.number().positive(),
    /** Epochs between two nearest-neighbor evaluations; the last epoch is always evaluated. */
    knnEvery: positiveInt,
    linear: z.strictObject({
      /** 0 leaves the linear evaluation out. */
      epochs: z.int().nonnegative(),
      batchSize: positiveInt,
      lr: z.number().positive(),
      /** Epochs after which the learning rate falls to a tenth; 60 and 80 in the paper. */
      milestones: z.array(positiveInt),
    }),
  }),
});

export type RunConfig = z.infer<typeof runConfigSchema>;

/**
 * Checks a configuration, also for what its parts demand of each other.
 * @throws UserError that names each key and what is wrong with it.
 */
export function parseRunConfig(value: unknown): RunConfig {
  const parsed = runConfigSchema.safeParse(value);
  if (!parsed.success)
    throw new UserError(`The run configuration is wrong:\n${z.prettifyError(parsed.error)}`);
  const { images, model, training } = parsed.data;
  checkImages(images);
  if (training.batchSize % model.bnSplits !== 0) {
    throw new UserError(
      `training.batchSize ${training.batchSize} is not divisible by model.bnSplits ${model.bnSplits}: split batch ` +
        'normalization needs equal parts. Change --batch-size or --bn-splits.',
    );
  }
  return parsed.data;
}

export type ImageSettings = RunConfig['images'];

/** @throws UserError where two keys say how many training images to take. */
export function checkImages({ train, perClass }: ImageSettings): void {
  if (train === undefined || perClass === undefined) return;
  throw new UserError(
    `images.train ${train} and images.perClass ${perClass} say both how many training images to take: ` +
      'give --train or --per-class.',
  );
}
