import assert from 'node:assert/strict';
import { formatTable } from '../../lib/core/table';
import { readPublished, sourceSpread, sourcesOf, sourcesTable } from '../../lib/paper';
import { paperDatasets } from '../../lib/presets';

describe('What published sources say of the same method', () => {
  const rows = sourcesOf('linear-top1');
  const spreads = (method: string) =>
    paperDatasets.map((dataset) => sourceSpread(rows, method, dataset)?.toFixed(1) ?? null);

  it('has the authors first, and each source with its protocol', () => {
    const byol = rows.filter(({ method, epochs }) => method === 'byol' && epochs === 200);
    assert.deepEqual(
      byol.map(({ sourceName, variant, values, deviations }) => [
        ...[sourceName, variant, values.cifar10, deviations.cifar10],
      ]),
      [
        ['benchmark-readme', '', 89.54, undefined],
        ['rsa-submission', 'strong/strong', 90.3, 0.1],
        ['rsa-submission', 'strong/weak', 90.7, 0.1],
      ],
    );
    for (const { source, sourceName } of readPublished().others) assert.ok(source.protocol, sourceName);
  });

  it('spreads as widely as the largest and the smallest number after 200 epochs differ', () => {
    assert.deepEqual(spreads('moco-v2'), ['3.5', '2.9', '2.4', '4.2']);
    assert.deepEqual(spreads('simclr'), ['0.8', '1.8', null, '0.9']);
    assert.deepEqual(spreads('byol'), ['0.8', '1.5', null, '4.4']);
    assert.deepEqual(spreads('ressl'), [null, '2.8', null, null]);
    assert.deepEqual(spreads('mnn'), [null, null, null, null]);
  });

  it('is never among the numbers that our tables show', () => {
    const { entries, others } = readPublished();
    const own = new Set(entries.map(({ sourceName }) => sourceName));
    for (const { sourceName } of others) assert.ok(!own.has(sourceName), sourceName);
  });

  it('is a table of one schedule or all, with a row for the spread', () => {
    const text = formatTable(sourcesTable('linear-top1', 200), 'text');
    assert.match(text, /\nBYOL, strong\/strong +rsa-submission +200 +256 +3 +90\.3 ± 0\.1 /);
    assert.match(text, /\nBYOL: spread of the sources +– +200 +– +– +0\.8 +1\.5 +– +4\.4\n/);
    assert.match(text, /\nrsa-submission: .* learning rate 0\.1, ordinary batch norm/);
    assert.doesNotMatch(text, /solo-learn/);
    assert.match(formatTable(sourcesTable('linear-top1'), 'text'), /solo-learn +1000/);
    assert.throws(() => sourcesTable('purity'), { name: 'UserError', message: /Unknown metric 'purity'/ });
  });
});
