import type { Tensor2D } from '@tensorflow/tfjs-core';
import { UserError } from '../core/errors';
import { permutation, randomStream } from '../core/random';
import { type Dataset, datasetName, whyNotEvaluated } from '../data';
import { tf } from '../engine';

import {
  extractFeatures,
  linearEvaluation,
  nearestRows,
  neighborPurity,
  type Projection,
  project,
} from '../evaluation';
import { methodName } from '../methods';
import type { Layer } from '../models';
import type { RunRecord } from '../results';
import type { FeatureMapData } from './feature-map';
import { imageUri } from './image-grid';
import type { GalleryData, GalleryImage } from './neighbor-gallery';
import { scaleSentence } from './series';

/** A run, and the network and images that a figure of its features needs. */
export interface NetworkRun {
  record: RunRecord;
  backbone: Layer;
  dataset: Dataset;
}

export interface FeatureMapRun {
  /** Default tsne, as in the paper. */
  projection?: Projection;
  /** Default logits: the class scores of the linear evaluation's last epoch, as in the paper. */
  of?: 'logits' | 'features';
  /** How many of the test images, drawn at random; default 2,000. */
  points?: number;
  /** Told what is done, and how far it is. */
  onProgress?: (doing: string, done: number, total: number) => void;
}

const projectionNames: Record<Projection, string> = { tsne: 't-SNE', umap: 'UMAP' };

/** Places the test images of a run in the plane by their class scores or features. */
export async function featureMapData(run: NetworkRun, options: FeatureMapRun = {}): Promise<FeatureMapData> {
  const { projection = 'tsne', of = 'logits', points = 2000, onProgress = () => {} } = options;
  const { record, dataset } = run;
  const { rows, length } = of === 'logits' ? await logitRows(run, onProgress) : await featureRows(run);
  const { count, labels } = dataset.test;
  const chosen = someOf(count, points);
  const values = new Float32Array(chosen.length * length);
  chosen.forEach((row, i) => {
    values.set(rows.subarray(row * length, (row + 1) * length), i * length);
  });
  const name = projectionNames[projection];
  const places = await project(values, chosen.length, {
    method: projection,
    onProgress: (done, total) => onProgress(name, done, total),
  });
  const what = of === 'logits' ? 'class scores of the linear evaluation' : 'features';
  const part = chosen.length < count ? `${chosen.length} of ${count}` : `${count}`;
  return {
    title: `${methodName(record.config.method)} on ${datasetName(record.config.dataset)}: ${name} of the ${of}`,
    subtitle: [scaleSentence([record]), `${part} test images by their ${what}; seed ${record.config.seed}`],
    points: places,
    labels: Int32Array.from(chosen, (row) => labels[row]),
    classes: dataset.classes,
  };
}

async function logitRows(
  { backbone, dataset, record }: NetworkRun,
  onProgress: NonNullable<FeatureMapRun['onProgress']>,
) {
  const { config } = record;
  if (config.evaluation.linear.epochs === 0) {
    throw new UserError(
      `${record.id} has no linear evaluation, so there are no logits: draw its features (--of features).`,
    );
  }
  let rows = new Float32Array();
  await linearEvaluation(backbone, dataset, config, {
    onEpoch: ({ epoch }, epochs, logits) => {
      rows = logits as Float32Array<ArrayBuffer>;
      onProgress('Linear evaluation', epoch, epochs);
    },
  });
  return { rows, length: dataset.classes.length };
}

async function featureRows({ backbone, dataset }: NetworkRun) {
  const features = await extractFeatures(backbone, dataset.test, dataset.normalization);
  const rows = (await features.data()) as Float32Array;
  const length = features.shape[1];
  features.dispose();
  return { rows, length };
}

export interface GalleryRun {
  /** Default 6. */
  queries?: number;
  /** Neighbors of each; default 8. */
  k?: number;
}

/**
 * The nearest training images of some test images, drawn at random, by the features of a run's network; the
 * share of true neighbors is that of all test images.
 */
export async function galleryData(
  run: NetworkRun,
  { queries = 6, k = 8 }: GalleryRun = {},
): Promise<GalleryData> {
  const { record, backbone, dataset } = run;
  const { train, test, classes, normalization } = dataset;
  const [bank, asked]: Tensor2D[] = [
    await extractFeatures(backbone, train, normalization),
    await extractFeatures(backbone, test, normalization),
  ];
  const nearest = await nearestRows(bank, asked, k);
  tf.dispose([bank, asked]);
  const purity = neighborPurity(nearest, train.labels, test.labels);
  const image = async (images: Dataset['test'], index: number): Promise<GalleryImage> => ({
    uri: await imageUri(images, index),
    class: classes[images.labels[index]] ?? 'no label',
  });
  const rowOf = async (query: number) => ({
    query: await image(test, query),
    neighbors: await Promise.all(
      Array.from({ length: k }, async (_, i) => ({
        ...(await image(train, nearest.rows[query * k + i])),
        similarity: nearest.similarities[query * k + i],
      })),
    ),
  });
  return {
    title: `${methodName(record.config.method)} on ${datasetName(record.config.dataset)}: nearest neighbors`,
    subtitle: [
      scaleSentence([record]),
      whyNotEvaluated(dataset) === undefined
        ? `${(100 * purity).toFixed(1)} % of the ${k} nearest training images of all ${test.count} test images are of ` +
          'their class; here some, drawn at random'
        : `The ${k} nearest training images of some test images, drawn at random`,
    ],
    rows: await Promise.all(Array.from(someOf(test.count, queries), rowOf)),
  };
}

/** Some of `count`, the same every time, in ascending order. */
function someOf(count: number, wanted: number): Int32Array {
  return permutation(randomStream(0, 'subset', count), count)
    .slice(0, wanted)
    .sort();
}
