import { paperSeeds } from '../presets';
import { ablationTables } from './ablation-tables';
import { comparisonTables, methodRow } from './comparison-tables';
import type { PaperRow, PaperTable } from './table';
import { knnTop1, linearTop1, purity } from './table';

const [linear] = comparisonTables;
/** The methods whose order matters most: the paper's, what it is compared with first, and the one without neighbors. */
const leading = ['mnn', 'msf', 'byol'];

/** A row of another table, by its method or label. */
function rowOf(name: string, named: string): PaperRow {
  const table = [...comparisonTables, ...ablationTables].find((one) => one.name === name);
  const row = table?.rows.find(({ method, label }) => label === named || method === named);
  if (!row) throw new Error(`Table ${name} has no row ${named}.`);
  return row;
}

function seeded(rows: readonly PaperRow[], seeds: readonly number[]): PaperRow[] {
  return rows.map((row) => ({ ...row, seeds }));
}

const ofMnn = [
  ...['λ = 0', 'λ = 0.5', 'λ = 1'].map((row) => rowOf('lambda', row)),
  rowOf('views', 'strong/strong'),
];

/**
 * What can be found out without a GPU, from runs of the tables `linear`, `components`, `lambda` and `views` on one
 * dataset of real images. Rows are in the order of their importance; those that it is about have three seeds.
 */
export const studyTable: PaperTable = {
  name: 'study',
  title: 'Study on real images',
  summary:
    'every method, and the components of MNN, on CIFAR-10; three seeds for MNN, MSF, BYOL and the components',
  metrics: [linearTop1, knnTop1, purity],
  rows: [
    ...seeded(
      leading.map((method) => rowOf('linear', method)),
      paperSeeds,
    ),
    ...seeded(
      [methodRow('untrained'), ...linear.rows.filter(({ method }) => !leading.includes(method))],
      paperSeeds.slice(0, 1),
    ),
    ...seeded(
      ['byol', 'MSF + weighting', 'MSF + mixing', 'MNN, norm1', 'MNN, norm2'].map((row) =>
        rowOf('components', row),
      ),
      paperSeeds,
    ),
    ...seeded(
      ofMnn.map((row) => ({ ...row, label: `MNN, ${row.label}` })),
      paperSeeds,
    ),
  ],
  datasets: ['cifar10'],
  open: false,
  notes: [
    'MNN has norm3, a random λ and views strong/weak, and so has each row in all that it does not name.',
  ],
};
