import type { RunConfig } from '../config/run-config';
import { methodName } from '../methods';
import { methodRow, nnclrRow } from './comparison-tables';
import type { PaperRow, PaperTable } from './table';
import { knnTop1, linearTop1 } from './table';

/** What the tables have in common that change one thing about MNN. */
const ablation: Pick<PaperTable, 'metrics' | 'datasets' | 'open'> = {
  metrics: [linearTop1, knnTop1],
  datasets: ['cifar10', 'cifar100'],
  open: false,
};

const chosenDatasets = 'The datasets were chosen: those of the paper are not known.';

/** MNN once for each value of an option. */
function grid(option: string, values: (string | number)[], label: (value: string | number) => string) {
  return values.map(
    (value): PaperRow => ({ label: label(value), method: 'mnn', options: { [option]: value } }),
  );
}

/** A method with some of MNN's components. */
function componentRow(method: string, options: RunConfig['options'], added: string): PaperRow {
  return { label: `${methodName(method)} + ${added}`, method, options };
}

export const ablationTables: PaperTable[] = [
  {
    ...ablation,
    name: 'components',
    title: 'Components of MNN',
    summary: "neighbors, the key's weight and mixing, one after the other, and the three ways of mixing",
    rows: [
      { label: 'no neighbors (BYOL, weak view)', method: 'byol', options: { views: 'strong/weak' } },
      { ...methodRow('msf'), label: 'neighbors (MSF)' },
      componentRow('msf', { weighting: 'mnn' }, 'weighting'),
      componentRow('msf', { mixing: 'norm3' }, 'mixing'),
      { label: 'MNN, norm1', method: 'mnn', options: { mixing: 'norm1' } },
      { label: 'MNN, norm2', method: 'mnn', options: { mixing: 'norm2' } },
      { ...methodRow('mnn'), label: 'MNN (norm3)', exact: true },
    ],
    notes: [
      'Every line has one strong and one weak view. norm1 mixes raw vectors and normalizes the mixture; norm2 ' +
        'normalizes before and after mixing, norm3 only before.',
      chosenDatasets,
    ],
  },
  {
    ...ablation,
    name: 'lambda',
    title: 'Weight of the neighbor in a mixture',
    summary: 'lambda fixed, from 0 (the key alone) to 1 (the neighbor alone), or random in every step',
    rows: grid('lambda', [0, 0.25, 0.5, 0.75, 1, 'random'], (value) => `λ = ${value}`),
    notes: [
      "The values were chosen; the authors' code has 0.5 as its default and random in its commands.",
      chosenDatasets,
    ],
  },
  {
    ...ablation,
    name: 'top-k',
    title: 'Number of neighbors',
    summary: 'K neighbors of each key, for MNN, and for NNCLR as far as published',
    rows: [...grid('topK', [1, 2, 5, 10, 20], (value) => `MNN, K = ${value}`), nnclrRow(1), nnclrRow(5)],
    notes: ["The numbers were chosen, around the authors' 5.", chosenDatasets],
  },
  {
    ...ablation,
    name: 'queue',
    title: 'Size of the memory bank',
    summary: 'how many keys the bank holds in which neighbors are searched',
    rows: grid('memoryBank', [512, 1024, 4096, 16384], (value) => `${value} keys`),
    notes: [
      "The sizes were chosen: the authors' 4,096 and 16,384 and those of the smaller presets.",
      chosenDatasets,
    ],
  },
  {
    ...ablation,
    name: 'momentum',
    title: 'Momentum of the teacher',
    summary: "weight of the old teacher in its moving average of the student's parameters",
    rows: grid('teacherMomentum', [0.9, 0.98, 0.99, 0.996, 0.999], (value) => `m = ${value}`),
    notes: ["The values were chosen, around the authors' 0.99 and 0.996.", chosenDatasets],
  },
  {
    ...ablation,
    name: 'views',
    title: 'Augmentations of the two views',
    summary: 'strong and strong, strong and weak, weak and weak',
    rows: grid('views', ['strong/strong', 'strong/weak', 'weak/weak'], String),
    notes: [chosenDatasets],
  },
];

const weighting = { weighting: 'mnn' };
const mixing = { mixing: 'norm3' };
const weakKeys = { views: 'strong/weak' };

/** A method as it is, with each component, and with all of them. */
function pluggedIn(base: PaperRow, components: [RunConfig['options'], string][]): PaperRow[] {
  const all = Object.assign({}, ...components.map(([options]) => options));
  const lines: [RunConfig['options'], string][] = [...components, [all, 'all of them']];
  return [
    base,
    ...lines.map(([options, added]) => componentRow(base.method, { ...base.options, ...options }, added)),
  ];
}

const both: [RunConfig['options'], string][] = [
  [weighting, 'weighting'],
  [mixing, 'mixing'],
];
const three: [RunConfig['options'], string][] = [...both, [weakKeys, 'weak view']];

/** The paper's abstract: MNN's components "can be seamlessly integrated into other" methods. */
export const plugInTable: PaperTable = {
  name: 'plug-in',
  title: "MNN's components in other methods",
  summary: 'each method as it is, with the weighting, the mixing and the weak view, and with all of them',
  metrics: [linearTop1, knnTop1],
  rows: [
    methodRow('byol'),
    { label: 'BYOL + neighbors', method: 'byol', options: { topK: 5 } },
    ...both.map(([options, added]) => componentRow('byol', { topK: 5, ...options }, `neighbors + ${added}`)),
    { ...methodRow('msf'), label: 'MSF (BYOL + neighbors + weak view)' },
    ...both.map(([options, added]) => componentRow('msf', options, added)),
    { ...methodRow('mnn'), label: 'MNN (BYOL or MSF + all of them)' },
    ...pluggedIn(nnclrRow(5), three),
    ...pluggedIn(methodRow('snclr'), three),
    ...pluggedIn(methodRow('cmsf'), both),
  ],
  datasets: ['cifar10', 'cifar100'],
  open: false,
  notes: [
    'MSF and CMSF have weak views already. BYOL with neighbors and a weak view is MSF; with all of them, as MSF with all of them, it is MNN.',
    'The methods were chosen: those of the paper are not known.',
    chosenDatasets,
  ],
};
