import { comparedMethods, methodName } from '../methods';
import { paperDatasets } from '../presets';
import type { PaperRow, PaperTable } from './table';
import { imagesPerSecond, knnTop1, linearTop1, purity, secondsPerEpoch } from './table';

/** A method with the options of the comparison as a line. */
export function methodRow(method: string): PaperRow {
  return { label: methodName(method), method, options: {} };
}

/** NNCLR with its own single neighbor, or with as many as the others have. */
export function nnclrRow(topK: 1 | 5): PaperRow {
  return { label: `NNCLR, K = ${topK}`, method: 'nnclr', options: { topK } };
}

const comparedRows = comparedMethods.flatMap((method) =>
  method === 'nnclr' ? [nnclrRow(1), nnclrRow(5)] : [methodRow(method)],
);

const withNeighbors = ['nnclr', 'msf', 'snclr', 'cmsf', 'mnn'];

/** The first table that anybody makes, in minutes. */
export const quickTable: PaperTable = {
  name: 'quick',
  title: 'Quick comparison',
  summary: 'MNN, MSF and the untrained network on the built-in dataset',
  metrics: [knnTop1, linearTop1, purity],
  rows: ['mnn', 'msf', 'untrained'].map(methodRow),
  datasets: ['patterns10'],
  open: true,
  all: [...comparedMethods, 'untrained'],
  preset: 'quick',
  notes: [],
};

export const comparisonTables: PaperTable[] = [
  {
    name: 'linear',
    title: 'Linear evaluation',
    summary: 'top-1 accuracy of a linear classifier on frozen features: every method on the four datasets',
    metrics: [linearTop1],
    rows: comparedRows,
    datasets: paperDatasets,
    open: true,
    notes: ["The best epoch of the linear evaluation counts, as in the authors' code."],
    datasetNotes: {
      stl10: "No baseline's numbers on STL-10 were found but MSF's, and MoCoV2's in a sibling paper.",
    },
  },
  {
    name: 'knn',
    title: 'Nearest neighbors',
    summary: 'top-1 accuracy of the weighted vote of the 200 nearest neighbors (fewer at a reduced scale)',
    metrics: [knnTop1],
    rows: comparedRows,
    datasets: paperDatasets,
    open: true,
    notes: ["After the last epoch. No such number of MNN's was found published."],
  },
  {
    name: 'purity',
    title: 'Neighbor purity',
    summary: "share of the neighbors in the bank that have the query's class",
    metrics: [purity],
    rows: comparedRows.filter(({ method }) => withNeighbors.includes(method)),
    // Most images of STL-10 have no label.
    datasets: ['cifar10', 'cifar100', 'tiny-imagenet'],
    open: true,
    notes: ['Mean over the last epoch of pretraining. Labels are used for nothing else.'],
  },
  {
    name: 'cost',
    title: 'Training cost',
    summary: 'time of an epoch of pretraining, and speed: every method',
    metrics: [secondsPerEpoch, imagesPerSecond],
    rows: comparedRows,
    datasets: ['cifar10', 'tiny-imagenet'],
    open: true,
    notes: ['Pretraining alone, without evaluations. Compare only runs of one machine and engine.'],
  },
];
