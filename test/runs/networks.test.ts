import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Interrupted, UserError } from '../../lib/core/errors';
import { tf } from '../../lib/engine/tf';
import { nearestNeighborAccuracy } from '../../lib/evaluation';
import { featureMapData, galleryData } from '../../lib/figures';
import { type ExperimentOptions, loadTrainedNetwork, runExperiment } from '../../lib/runs';
import { temporaryFolder } from '../data/temporary-folder';
import { describeEachEngine } from '../engines';
import { failure, tinyConfig, tinyDataset } from '../training/tiny-run';

describeEachEngine(
  'A trained network',
  () => {
    const folder = temporaryFolder();
    const runs = () => join(folder(), 'runs');
    const dataset = tinyDataset();
    const run = (config = tinyConfig(), options: ExperimentOptions = {}) =>
      runExperiment(config, dataset, { runsFolder: runs(), recordsFolder: null, workers: 0, ...options });

    for (const method of ['mnn', 'untrained']) {
      it(`is the one that its record tells of (${method})`, async () => {
        const record = await run(tinyConfig(method));
        const { numTensors } = tf.memory();
        const { backbone, dispose } = loadTrainedNetwork(record.config, dataset, runs());
        const { knnK: k, knnTemperature: temperature } = record.config.evaluation;
        assert.equal(
          await nearestNeighborAccuracy(backbone, dataset, { k, temperature }),
          record.metrics.knnTop1,
        );
        dispose();
        assert.equal(tf.memory().numTensors, numTensors);
      });
    }

    it('is not taken from nowhere, from other images or from an unfinished run', async () => {
      const load = async (config = tinyConfig(), images = dataset) =>
        loadTrainedNetwork(config, images, runs());
      await failure(load(), UserError, /no checkpoint in .*--runs/s);
      const stop = new AbortController();
      const stopped = run(tinyConfig(), { signal: stop.signal, onStep: () => stop.abort() });
      await failure(stopped, Interrupted);
      await failure(load(), UserError, /stands at epoch 0 of 2: finish it first/);
      await run();
      await failure(
        load(tinyConfig(), { ...dataset, checksum: 'other' }),
        UserError,
        /images of the dataset/,
      );
    });

    it('gives the figures of its features', async () => {
      const record = await run();
      const { backbone, dispose } = loadTrainedNetwork(record.config, dataset, runs());
      const network = { record, backbone, dataset };
      const { numTensors } = tf.memory();
      const map = await featureMapData(network, { points: 12 });
      assert.deepEqual([map.points.length, map.labels.length], [24, 12]);
      assert.match(map.title, /t-SNE of the logits/);
      assert.match(map.subtitle.join(), /Reduced scale.*12 of 20 test images/);
      const features = await featureMapData(network, { of: 'features', projection: 'umap' });
      assert.equal(features.points.length, 40);
      const gallery = await galleryData(network, { queries: 3, k: 4 });
      assert.deepEqual(
        gallery.rows.map(({ neighbors }) => neighbors.length),
        [4, 4, 4],
      );
      for (const { neighbors } of gallery.rows) {
        const similarities = neighbors.map(({ similarity }) => similarity);
        assert.deepEqual(
          similarities,
          [...similarities].sort((a, b) => b - a),
        );
      }
      assert.equal(tf.memory().numTensors, numTensors);
      dispose();
    });
  },
  { training: true },
);
