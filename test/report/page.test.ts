import assert from 'node:assert/strict';
import { loadPublished } from '../../lib/paper/published';
import { presetConfig } from '../../lib/presets/presets';
import { reportPage, reportPresets, reportTables } from '../../lib/report';
import { paperRecord, recordOf } from '../paper/paper-record';
import { sampleRecord } from '../results/sample-record';

/** The line of a table that begins with this name, with all that unfolds below it. */
function lineOf(page: string, table: string, ...words: string[]): string {
  const section = page.slice(page.indexOf(`id="table-${table}"`)).split('</section>')[0];
  const lines = section.split('<tbody').filter((line) => words.every((word) => line.includes(word)));
  assert.equal(lines.length, 1, `${words.join(', ')}: ${lines.length} lines`);
  return lines[0];
}

describe('The report', () => {
  const quick = recordOf(presetConfig({ preset: 'quick', method: 'mnn', dataset: 'patterns10' }), {
    linearTop1: 40,
  });
  const paper = [1339, 1340, 1341].map((seed, i) =>
    paperRecord('mnn', 'cifar10', seed, { linearTop1: 91 + i / 10 }),
  );
  let page: string;
  before(async () => {
    page = await reportPage([quick, ...paper]);
  });

  it('has ours, the published number with its source, the difference and the verdict', () => {
    const line = lineOf(page, 'linear', '>MNN<', 'data-dataset="cifar10"');
    for (const word of [
      '91.10 ± 0.10 (3)',
      '91.47',
      '−0.37',
      '>reproduced<',
      'README of the authors&#39; MNN',
    ])
      assert.ok(line.includes(word), word);
    const unpublished = lineOf(page, 'knn', '>MNN<', 'data-dataset="cifar10"');
    assert.match(unpublished, /no number was found/);
  });

  it('begins with what was found, and has what ran as the paper prints it', () => {
    const main = page.slice(page.indexOf('<main'));
    assert.ok(main.indexOf('id="findings"') < main.indexOf('id="figures"'));
    const printed = page.slice(page.indexOf('id="table-linear"')).split('<details')[0];
    assert.match(
      printed,
      /<tr data-method="mnn"><th scope="row">MNN<\/th><td [^>]*>91\.10 ± 0\.10 = <small>91\.47<\/small><\/td><\/tr>/,
    );
    assert.doesNotMatch(printed, /MSF<\/th>|STL-10/);
    assert.match(printed, /\d+ runs are missing .*npx mnn reproduce linear/);
  });

  it('says what is missing on it', async () => {
    const left = await reportPage([], { leftOut: ['Cannot read the record a.json.'] });
    assert.match(left, /<p>Left out: Cannot read the record a\.json\.<\/p>/);
    assert.match(
      left,
      /id="not-run"><summary>\d+ tables without a run: .*MNN&#39;s components in other methods/,
    );
  });

  it('marks a reduced scale where the number stands, and says what is smaller', () => {
    const line = lineOf(page, 'linear', '>MNN<', 'data-preset="quick"');
    assert.match(line, /40\.00 \(1 of 3\) <small>reduced<\/small>/);
    assert.match(line, /class="verdict reduced-scale">reduced scale</);
    assert.match(line, /dataset patterns10 is not one of the paper/);
    assert.doesNotMatch(line, />reproduced<|>differs</);
  });

  it('leads from a cell to its runs, and each run says where it comes from', () => {
    const line = lineOf(page, 'linear', '>MNN<', 'data-preset="quick"');
    assert.ok(line.includes(`href="#run-${quick.id}"`));
    const run = page.split('<tbody').find((part) => part.includes(`id="run-${quick.id}"`))!;
    const { dataset, provenance, config } = quick;
    for (const fact of [
      dataset.checksum,
      provenance.commit!,
      provenance.engine.version,
      provenance.cpu.model,
      `preset quick, seed ${config.seed}`,
      '3 min 00 s',
      'npx mnn pretrain --method mnn --dataset patterns10 --preset quick --seed 1339',
    ])
      assert.ok(run.includes(fact), fact);
  });

  it('says how a cell is run', () => {
    const line = lineOf(page, 'linear', '>MSF<', 'data-dataset="stl10"');
    assert.match(line, /npx mnn reproduce linear --preset paper --datasets stl10 --methods msf --seeds/);
  });

  it('escapes what records say', async () => {
    const evil = '<script>alert("x")</script>';
    const record = sampleRecord(evil);
    record.id = 'evil';
    record.config.dataset = evil;
    record.provenance.cpu.model = evil;
    record.scaleReasons = [evil];
    const text = await reportPage([record, quick]);
    assert.ok(text.includes('&#60;script&#62;alert(&#34;x&#34;)'));
    assert.ok(!text.includes(evil));
  });

  it('loads nothing', () => {
    // What the packages' own scripts hold is text to the page.
    const markup = page.replace(/<script>.*?<\/script>/gs, '');
    assert.deepEqual(
      markup.match(/\ssrc="(?!data:)[^"]*"|<link[^>]*href="(?!data:)[^"]*"|url\(|@import/g),
      null,
    );
    const links = markup.match(/<[a-z]+ [^>]*href="https?:[^"]*"/g)!;
    assert.ok(links.length > 0 && links.every((tag) => tag.startsWith('<a ')));
  });

  it('is the same when it is written again', async () => {
    assert.equal(await reportPage([quick, ...paper]), page);
  });

  it('has every published number that a table has a line for, without any record', async () => {
    const cells = reportTables([], loadPublished()).flatMap(({ filled }) =>
      filled.flatMap(({ cells }) => cells),
    );
    const linear = loadPublished().filter(
      ({ metric, sourceName }) => metric === 'linear-top1' && sourceName === 'benchmark-readme',
    );
    for (const number of linear)
      assert.ok(cells.some(({ published }) => published === number || published?.value === number.value));
    assert.match(await reportPage([]), /No run has a record yet\. A first/);
  });

  it('has the presets that ran, and the paper’s', async () => {
    assert.deepEqual(reportPresets([quick]), ['quick', 'paper']);
    assert.deepEqual(reportPresets(paper), ['paper']);
    const small = await reportPage([quick, ...paper], { presets: ['quick'] });
    assert.ok(!small.includes('data-preset="paper"'));
  });

  it("counts the paper's three seeds at every preset, and no other", () => {
    const other = (seed: number) =>
      recordOf(presetConfig({ preset: 'quick', method: 'mnn', dataset: 'patterns10', seed }));
    const [{ filled }] = reportTables([quick, other(1341), other(5)], []);
    const cell = filled[0].cells.find(({ row }) => row.method === 'mnn')!;
    assert.deepEqual([cell.dataset, cell.runs, cell.configs.length], ['patterns10', 2, 3]);
  });
});
