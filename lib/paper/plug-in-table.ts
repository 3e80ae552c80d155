import type { RunConfig } from '../config/run-config';
import { chosenDatasets, componentRow } from './ablation-tables';
import { methodRow, nnclrRow } from './comparison-tables';
import { knnTop1, linearTop1 } from './metrics';
import type { PaperRow, PaperTable } from './table';

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
    { label: 'BYOL + neighbours', method: 'byol', options: { topK: 5 } },
    ...both.map(([options, added]) => componentRow('byol', { topK: 5, ...options }, `neighbours + ${added}`)),
    { ...methodRow('msf'), label: 'MSF (BYOL + neighbours + weak view)' },
    ...both.map(([options, added]) => componentRow('msf', options, added)),
    { ...methodRow('mnn'), label: 'MNN (BYOL or MSF + all of them)' },
    ...pluggedIn(nnclrRow(5), three),
    ...pluggedIn(methodRow('snclr'), three),
    ...pluggedIn(methodRow('cmsf'), both),
  ],
  datasets: ['cifar10', 'cifar100'],
  open: false,
  notes: [
    'MSF and CMSF have weak views already. BYOL with neighbours and a weak view is MSF; with all of them, as MSF with all of them, it is MNN.',
    'The methods were chosen: those of the paper are not known.',
    chosenDatasets,
  ],
};
