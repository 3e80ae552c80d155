import assert from 'node:assert/strict';
import { DataFrame } from 'danfojs-node';
import { formatTable, type TableFormat } from '../../lib/core/table';
import { formatDuration } from '../../lib/core/text';
import { frameTable } from '../../lib/notebook';
import { comparisonTable, seedsTable } from '../../lib/paper/comparison';
import { recordRows } from '../../lib/results';
import { sampleRecord } from '../results/sample-record';

describe('comparison table', () => {
  const table = comparisonTable([sampleRecord('mnn', 71.256), sampleRecord('msf', 64.1)]);

  it('keeps values unrounded and rounds them on display', () => {
    assert.equal(table.rows[0].knnTop1, 71.256);
    assert.match(formatTable(table, 'text'), /71\.26/);
    assert.match(formatTable(table, 'csv'), /71\.256/);
  });

  it('shows the number of neighbors beside the accuracy', () => {
    assert.match(formatTable(table, 'text'), /k-NN top-1 % +k .*\n.*\nMNN .* 71\.26 +20 /);
  });

  it('marks a reduced run and says what differs', () => {
    assert.equal(table.rows[0].scale, 'reduced');
    assert.match(table.notes[0], /^Reduced scale \(shapes10\), not comparable .*not one of the paper's\.$/);
  });

  it("marks a run of the paper's scale, without a note", () => {
    const record = { ...sampleRecord(), scale: 'paper' as const, scaleReasons: [] };
    const { rows, notes } = comparisonTable([record]);
    assert.equal(rows[0].scale, 'paper');
    assert.ok(!notes.some((note) => note.startsWith('Reduced')));
  });

  it('notes once what raw pixels reach, by neighbors and by a linear classifier', () => {
    const note = 'Raw pixels on shapes10: nearest neighbors 23.40 %, a linear classifier 31.25 %.';
    assert.equal(table.notes.filter((other) => other === note).length, 1);
  });

  it('notes the range where runs differ in what raw pixels reach, and leaves out what older records lack', () => {
    const [one, other] = [sampleRecord('mnn'), sampleRecord('msf')];
    one.metrics.rawPixelKnnTop1 = 22.9;
    for (const { metrics } of [one, other]) delete metrics.rawPixelLinearTop1;
    const { notes } = comparisonTable([other, one]);
    assert.ok(
      notes.includes('Raw pixels on shapes10: nearest neighbors 22.90 to 23.40 %.'),
      notes.join('\n'),
    );
    for (const { metrics } of [one, other]) delete metrics.rawPixelKnnTop1;
    assert.ok(!comparisonTable([one]).notes.some((note) => note.startsWith('Raw pixels')));
  });

  it('shows seeds only where they differ', () => {
    const hasSeed = (seeds: number[]) =>
      comparisonTable(seeds.map((seed) => sampleRecord('mnn', 70, seed))).columns.some(
        ({ key }) => key === 'seed',
      );
    assert.deepEqual([hasSeed([1, 1]), hasSeed([1, 2])], [false, true]);
  });

  it('is the same on every machine without timing', () => {
    const keys = comparisonTable([sampleRecord()], { timing: false }).columns.map(({ key }) => key);
    assert.ok(!keys.includes('seconds') && !keys.includes('imagesPerSecond'));
  });

  it('shows a dash for what was not measured', () => {
    const record = sampleRecord();
    record.metrics.linearTop1 = null;
    assert.match(formatTable(comparisonTable([record]), 'text'), /71\.25 +20 +– /);
  });
});

describe('seedsTable', () => {
  it('has one row for the runs that differ in their seeds alone, with mean and sample standard deviation', () => {
    const records = [
      sampleRecord('mnn', 70, 1),
      sampleRecord('mnn', 74, 2),
      sampleRecord('mnn', 75, 3),
      sampleRecord('msf', 60, 1),
    ];
    const table = seedsTable(records);
    assert.deepEqual(
      table.rows.map(({ method, seeds, knnTop1 }) => [method, seeds, knnTop1]),
      [
        ['MNN', 3, 73],
        ['MSF', 1, 60],
      ],
    );
    assert.ok(Math.abs(Number(table.rows[0].knnTop1Deviation) - Math.sqrt(7)) < 1e-12);
    assert.equal(table.rows[1].knnTop1Deviation, null);
    assert.match(formatTable(table, 'text'), /seeds +k-NN top-1 % +± .*\n.*\nMNN .* 3 +73\.00 +2\.65 /);
    assert.ok(table.notes.some((note) => note.startsWith('±:')));
  });

  it('keeps runs apart that differ in a setting, and leaves out what no run measured', () => {
    const [one, other] = [sampleRecord('mnn', 70, 1), sampleRecord('mnn', 72, 2)];
    other.config.training.epochs += 1;
    one.metrics.linearTop1 = null;
    const { rows } = seedsTable([one, other]);
    assert.deepEqual([rows.length, rows[0].linearTop1, rows[0].linearTop1Deviation], [2, null, null]);
  });
});

describe('formatTable', () => {
  const table = {
    columns: [
      { key: 'name', label: 'name', align: 'left' as const },
      { key: 'value', label: 'value', align: 'right' as const },
    ],
    rows: [
      { name: 'a|b, "c" <d>', value: 1.5 },
      { name: 'e', value: null },
    ],
    notes: ['A note.'],
  };
  const written: Record<TableFormat, string> = {
    text: 'name          value\n────────────  ─────\na|b, "c" <d>    1.5\ne                 –\nA note.',
    md: '| name | value |\n| --- | ---: |\n| a\\|b, "c" <d> | 1.5 |\n| e | – |\n\nA note.',
    latex:
      '% needs \\usepackage{booktabs}\n\\begin{tabular}{lr}\n\\toprule\nname & value \\\\\n\\midrule\n' +
      "a$|$b, ''c'' $<$d$>$ & 1.5 \\\\\ne & -- \\\\\n\\bottomrule\n\\end{tabular}\n\n{\\footnotesize A note.\\par}",
    csv: 'name,value\n"a|b, ""c"" <d>",1.5\ne,',
    html:
      '<table><thead><tr><th style="text-align:left">name</th><th style="text-align:right">value</th></tr></thead><tbody>\n' +
      '<tr><td style="text-align:left">a|b, &#34;c&#34; &#60;d&#62;</td><td style="text-align:right">1.5</td></tr>\n' +
      '<tr><td style="text-align:left">e</td><td style="text-align:right">–</td></tr>\n</tbody></table>\n' +
      '<p><small>A note.</small></p>',
  };
  for (const format of Object.keys(written) as TableFormat[]) {
    it(`writes ${format}`, () => assert.equal(formatTable(table, format), written[format]));
  }

  it('names the formats that it knows', () => {
    assert.throws(() => formatTable(table, 'txt' as TableFormat), {
      message: /'txt'.*text, md, latex, csv, html/,
    });
  });
});

describe('formatDuration', () => {
  for (const [seconds, text] of [
    [0, '0.0 s'],
    [8.44, '8.4 s'],
    [59.4, '59 s'],
    [59.7, '1 min 00 s'],
    [185, '3 min 05 s'],
    [7799, '2 h 10 min'],
    [532_800, '6 d 4 h'],
  ] as const) {
    it(`writes ${seconds} seconds as ${text}`, () => assert.equal(formatDuration(seconds), text));
  }
});

describe('recordRows', () => {
  it('flattens a record to numbers and names', () => {
    const [row] = recordRows([sampleRecord()]);
    assert.equal(row.method, 'mnn');
    assert.equal(row.knnTop1, 71.25);
    for (const value of Object.values(row)) assert.notEqual(typeof value, 'object');
  });

  it('keeps what was not measured missing, also in the means of a data frame', () => {
    const record = sampleRecord();
    const missing = { ...record.metrics, knnTop1: null, linearTop1: null, linearTop5: null, purity: null };
    const byol = { ...record, config: { ...record.config, method: 'byol' }, metrics: missing };
    const rows = recordRows([record, byol, byol]);
    assert.deepEqual([rows[1].purity, rows[1].knnTop1], [Number.NaN, Number.NaN]);
    const means = new DataFrame(rows).groupby(['method']).agg({ purity: 'mean', linearTop1: 'mean' });
    const [mnnRow, byolRow] = frameTable(means).rows;
    assert.deepEqual(
      [mnnRow.c0, mnnRow.c1, mnnRow.c2],
      ['mnn', record.metrics.purity, record.metrics.linearTop1],
    );
    assert.deepEqual([byolRow.c0, byolRow.c1, byolRow.c2], ['byol', null, null]);
  });
});
