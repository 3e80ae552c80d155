import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadPublished, publishedPath, readPublished } from '../../lib/paper/published';

describe('published numbers', () => {
  const numbers = loadPublished();
  const values = (method: string, metric: string, url: string) =>
    numbers
      .filter((n) => n.method === method && n.metric === metric && n.source.url === url)
      .map((n) => [n.dataset, n.value]);

  it("hold the authors' linear evaluation of MNN", () => {
    assert.deepEqual(values('mnn', 'linear-top1', 'https://github.com/pc-cp/MNN'), [
      ['cifar10', 91.47],
      ['cifar100', 67.56],
      ['stl10', 91.61],
      ['tiny-imagenet', 50.7],
    ]);
  });

  it('hold every number of each source', () => {
    const count = (source: string, metric: string) =>
      numbers.filter((n) => n.sourceName === source && n.metric === metric).length;
    assert.equal(count('mnn-readme', 'linear-top1'), 8, 'MNN and MSF on four datasets');
    assert.equal(count('mnn-readme-2023-11-02', 'linear-top1'), 3);
    assert.equal(count('mnn-readme-2023-11-04', 'linear-top1'), 1);
    for (const metric of ['knn-top1', 'linear-top1']) {
      assert.equal(count('benchmark-readme', metric), 11 * 3, 'eleven rows on three datasets');
      assert.equal(count('benchmark-readme-before-fix', metric), 7 * 3);
    }
    assert.equal(count('benchmark-readme-before-fix', 'purity'), 5 * 3);
    assert.equal(count('msvq', 'linear-top1'), 8, 'MoCoV2 and MSVQ on four datasets');
    assert.equal(numbers.length, 8 + 3 + 1 + 2 * (11 * 3 + 7 * 3) + 5 * 3 + 8);
  });

  it("hold the ranges of the paper's abstract", () => {
    const { claims } = readPublished();
    assert.deepEqual(
      claims.map(({ from, to }) => [from, to]),
      [
        [0.41, 1.96],
        [1.82, 8.8],
      ],
    );
  });

  it('keep learning curves apart, each with how far it may be misread', () => {
    const { curves } = readPublished();
    assert.deepEqual(
      curves.map(({ method, dataset, sourceName, points }) => [method, dataset, sourceName, points.length]),
      [
        ['moco-v2', 'cifar10', 'msvq-figure', 15],
        ['ressl', 'cifar10', 'msvq-figure', 15],
        ['msvq', 'cifar10', 'msvq-figure', 15],
        ['moco-v2', 'cifar100', 'msvq-figure', 15],
        ['ressl', 'cifar100', 'msvq-figure', 15],
        ['msvq', 'cifar100', 'msvq-figure', 15],
        ['moco-v2', 'cifar10', 'moco-demo', 16],
      ],
    );
    const ressl = curves.find(({ method, dataset }) => method === 'ressl' && dataset === 'cifar10')!;
    assert.deepEqual(ressl.points.slice(0, 3), [
      [2, 40.9, 0.5],
      [5, 42, 0.2],
      [10, 49.1, 0.2],
    ]);
    for (const { points } of curves) for (const [, , misread] of points) assert.ok(misread > 0);
    assert.ok(!numbers.some(({ sourceName }) => ['msvq-figure', 'moco-demo'].includes(sourceName)));
  });

  it('hold no nearest-neighbor accuracy of MNN: none was published', () => {
    assert.ok(!numbers.some((n) => n.method === 'mnn' && n.metric === 'knn-top1'));
  });

  it('name one value for each source, method, variant, dataset and metric', () => {
    const keys = numbers.map((n) => [n.source.title, n.method, n.variant, n.dataset, n.metric].join());
    assert.equal(new Set(keys).size, keys.length);
  });

  it('hold purities as shares, accuracies as percent', () => {
    for (const { metric, value } of numbers) assert.ok(metric === 'purity' ? value < 1 : value > 1);
  });

  it('are refused by name where their file is cut short', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mnn-published-'));
    const file = join(folder, 'published.json');
    writeFileSync(file, readFileSync(publishedPath()).subarray(0, 1000));
    assert.throws(() => readPublished(file), {
      name: 'UserError',
      message: /published\.json.*Restore it from git/,
    });
    rmSync(folder, { recursive: true });
  });

  it('are refused when an entry names a source that is not there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'published-'));
    const file = JSON.parse(readFileSync(publishedPath(), 'utf8'));
    file.entries[0].source = 'hearsay';
    const path = join(folder, 'published.json');
    writeFileSync(path, JSON.stringify(file));
    assert.throws(() => loadPublished(path), { name: 'UserError', message: /'hearsay'/ });
    rmSync(folder, { recursive: true });
  });
});
