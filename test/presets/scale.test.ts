import assert from 'node:assert/strict';
import { describeScale } from '../../lib/presets/scale';
import { sampleConfig } from '../results/sample-record';

const images = { trainImages: 50_000, testImages: 10_000 };
const paper = { config: sampleConfig(), images };

describe('scale of a run', () => {
  it("is the paper's when all settings of scale are", () => {
    assert.deepEqual(describeScale(sampleConfig(), images, paper), { scale: 'paper', scaleReasons: [] });
  });

  it('is not reduced by another seed or by what a method does differently', () => {
    const config = sampleConfig('mnn', 7);
    config.options.topK = 1;
    assert.equal(describeScale(config, images, paper).scale, 'paper');
  });

  it('compares the bank of BYOL with neighbors with that of the dataset', () => {
    const paperByol = sampleConfig('byol');
    paperByol.options = { topK: 0, memoryBank: 4096 };
    const reasons = (options: typeof paperByol.options) =>
      describeScale({ ...paperByol, options }, images, { config: paperByol, images }).scaleReasons;
    assert.deepEqual(reasons({ topK: 0, memoryBank: 512 }), []);
    assert.deepEqual(reasons({ topK: 5, memoryBank: 4096 }), []);
    assert.deepEqual(reasons({ topK: 5, memoryBank: 512 }), ['memory size 512 instead of 4096']);
  });

  it('names every setting that differs, with both values', () => {
    const config = sampleConfig();
    config.model.width = 4;
    config.training.epochs = 2;
    config.options.memoryBank = 256;
    config.evaluation.knnK = 5;
    assert.deepEqual(describeScale(config, { ...images, trainImages: 5000 }, paper), {
      scale: 'reduced',
      scaleReasons: [
        'training images 5000 instead of 50000',
        'width 4 instead of 8',
        'epochs 2 instead of 6',
        'memory size 256 instead of 1024',
        'evaluation neighbors 5 instead of 20',
      ],
    });
  });

  it('is reduced on images that are not known to be the published ones', () => {
    const scaleReasons = ['images not compared with published checksums'];
    const reasons = (verified: boolean) =>
      describeScale(sampleConfig(), { ...images, verified }, paper).scaleReasons;
    assert.deepEqual(reasons(false), scaleReasons);
    assert.deepEqual(reasons(true), []);
  });

  it('is reduced on a dataset that the paper does not use', () => {
    assert.deepEqual(describeScale(sampleConfig(), images, null), {
      scale: 'reduced',
      scaleReasons: ["dataset shapes10 is not one of the paper's"],
    });
  });
});
