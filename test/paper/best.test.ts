import assert from 'node:assert/strict';
import { formatTable } from '../../lib/core/table';
import { bestOf, fillTable, findTable, wideTable } from '../../lib/paper';
import type { RunRecord } from '../../lib/results';
import { paperRecord } from './paper-record';

const seeds = [1339, 1340, 1341];
const selection = { preset: 'paper', datasets: ['cifar10'], methods: ['mnn', 'msf', 'byol', 'simclr'] };
const fill = (records: RunRecord[]) => fillTable(findTable('linear'), selection, records);
const three = (method: string, ...values: number[]) =>
  values.map((linearTop1, i) => paperRecord(method, 'cifar10', seeds[i], { linearTop1 }));

describe('The best row of a column', () => {
  // Deviations 0.1 and 0.3: pooled √((2 · 0.01 + 2 · 0.09) / 4) = 0.2236; t of 4 degrees 2.776.
  const records = [...three('mnn', 90.9, 91, 91.1), ...three('msf', 90.2, 90.5, 90.8)];

  it('has beside it those that differ by less than seeds do, also with one seed', () => {
    // Three against three: 2.776 · 0.2236 · √(2/3) = 0.507; three against one: 0.717.
    const named = (others: RunRecord[]) => {
      const { best, tied } = bestOf(fill([...records, ...others]).cells);
      return [best?.row.label, tied.map(({ row }) => row.label)];
    };
    assert.deepEqual(named([...three('byol', 90.29), ...three('simclr', 90.28)]), ['MNN', ['BYOL', 'MSF']]);
    assert.deepEqual(named(three('byol', 90.27)), ['MNN', ['MSF']]);
  });

  it('is not known without seeds', () => {
    assert.deepEqual(bestOf(fill([...three('mnn', 91), ...three('msf', 80)]).cells), { tied: [] });
    assert.deepEqual(bestOf(fill(three('mnn', 91, 92)).cells), { tied: [] });
  });

  it('is marked in the table, and so are those not distinguishable from it', () => {
    const text = formatTable(wideTable(fill([...records, ...three('simclr', 88)])), 'text');
    assert.match(text, /^MNN +91\.00 ± 0\.10 \(3\) = \* /m);
    assert.match(text, /^MSF +90\.50 ± 0\.30 \(3\) = ° /m);
    assert.match(text, /^SimCLR +88\.00 \(1 of 3\) = +87\.72/m);
    assert.match(text, /^\* the best of its column; ° not distinguishable from it/m);
  });
});
