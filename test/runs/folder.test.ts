import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { RunConfig } from '../../lib/config/run-config';
import { startEngine } from '../../lib/engine';
import { presetConfig } from '../../lib/presets';
import { readRecord } from '../../lib/results';
import { loadDatasetFor, runExperiment } from '../../lib/runs';
import { temporaryFolder } from '../data/temporary-folder';

describe('A run on a folder of images', () => {
  const folder = temporaryFolder();
  before(() => startEngine({ engine: 'cpu' }));

  const add = async (path: string, shade: number, width: number) => {
    const file = join(folder(), path);
    mkdirSync(join(file, '..'), { recursive: true });
    const background = { r: shade, g: 255 - shade, b: 100 };
    await sharp({ create: { width, height: 20, channels: 3, background } }).toFile(file);
  };
  const config = (override = {}): RunConfig =>
    presetConfig({
      preset: 'quick',
      method: 'mnn',
      dataset: folder(),
      options: { memoryBank: 24, topK: 2 },
      override: {
        images: { size: 16, ...override },
        model: { width: 4, bnSplits: 2, hidden: 16, dim: 8 },
        training: { epochs: 1, batchSize: 10 },
        evaluation: { knnK: 3, linear: { epochs: 1, batchSize: 16, milestones: [1] } },
      },
    });
  const run = async (settings: RunConfig, warn?: (message: string) => void) => {
    const dataset = await loadDatasetFor(settings);
    return runExperiment(settings, dataset, { runsFolder: null, recordsFolder: null, workers: 1, warn });
  };

  it('makes a record that says where labels come from and how many images each class has', async () => {
    for (let i = 0; i < 10; i++) {
      await add(`dark/${i}.png`, 20 + i, 20 + 4 * i);
      await add(`light/${i}.png`, 220 + i, 16 + 2 * i);
    }
    const record = await run(config());
    assert.equal(record.config.images.size, 16);
    assert.equal(record.dataset.name, record.config.dataset);
    const { perClass, labels, broken, imageSize } = record.dataset.folder!;
    assert.deepEqual(perClass, [
      { name: 'dark', train: 8, test: 2 },
      { name: 'light', train: 8, test: 2 },
    ]);
    assert.match(labels, /^names of the folders; 20 % of each class/);
    assert.deepEqual([broken, imageSize], [0, 16]);
    assert.notEqual(record.metrics.knnTop1, null);
    assert.deepEqual(readRecord(JSON.parse(JSON.stringify(record)), 'x.json'), record);
  });

  it('pretrains without labels, and says what is left out', async () => {
    for (let i = 0; i < 12; i++) await add(`${i}.png`, 20 * i, 20 + i);
    const warnings: string[] = [];
    const record = await run(config(), (message) => warnings.push(message));
    assert.deepEqual([record.dataset.folder!.labels, record.dataset.classes], ['none', 0]);
    assert.deepEqual([record.metrics.knnTop1, record.metrics.purity], [null, null]);
    assert.match(warnings[0], /is not evaluated, since its training images have no labels/);
  });
});
