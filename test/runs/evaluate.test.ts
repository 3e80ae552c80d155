import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withFile } from '../../lib/core/byte-source';
import { Interrupted, UserError } from '../../lib/core/errors';
import { encodeSafetensors } from '../../lib/core/safetensors';
import type { Dataset } from '../../lib/data';
import { tf } from '../../lib/engine/tf';
import { backboneFileName, backboneOfRun, importBackbone, writeBackbone } from '../../lib/interchange';
import {
  evaluationId,
  evaluationRecordSchema,
  loadRecords,
  saveEvaluation,
  validateEvaluations,
} from '../../lib/results';
import { evaluateNetwork, evaluationConfig, findNetwork, runExperiment } from '../../lib/runs';
import { loadCheckpoint } from '../../lib/training/checkpoint';
import { temporaryFolder } from '../data/temporary-folder';
import { describeEachEngine } from '../engines';
import { fixturePath } from '../interchange/fixtures';
import { failure, tinyConfig, tinyDataset } from '../training/tiny-run';

describeEachEngine(
  'Evaluating without training',
  () => {
    const folder = temporaryFolder();
    const runs = () => join(folder(), 'runs');
    const dataset = tinyDataset();
    const train = (stop?: AbortSignal, onEpoch?: () => void) =>
      runExperiment(tinyConfig(), dataset, {
        runsFolder: runs(),
        recordsFolder: null,
        workers: 0,
        signal: stop,
        onEpoch,
      });
    const find = (what: string) => findNetwork(what, { runs: runs() });

    it("gives a finished run's own results again, bit for bit, and leaves no tensors", async () => {
      const record = await train();
      const network = find(record.id);
      const { numTensors } = tf.memory();
      const result = await evaluateNetwork(network, dataset, evaluationConfig(network, {}));
      assert.equal(tf.memory().numTensors, numTensors);
      const { metrics, linearCurve } = record;
      assert.deepEqual(result.linearCurve, linearCurve);
      for (const name of [
        'knnTop1',
        'linearTop1',
        'linearTop5',
        'linearLastTop1',
        'rawPixelKnnTop1',
        'rawPixelLinearTop1',
      ] as const) {
        assert.equal(result.metrics[name], metrics[name], name);
      }
      assert.deepEqual(result.network.origin, {
        kind: 'run',
        run: record.id,
        method: 'mnn',
        dataset: 'shapes10',
        datasetChecksum: dataset.checksum,
        epochs: 2,
        ofEpochs: 2,
        engine: record.provenance.engine.name,
      });
    });

    it('normalizes images as it is asked to, which is another evaluation and stands in its record', async () => {
      const network = await withFile(fixturePath('authors.pth'), (source) => importBackbone(source));
      const config = evaluationConfig(
        {},
        {
          dataset: 'shapes10',
          preset: 'quick',
          override: { evaluation: { linear: { epochs: 0 }, knnK: 5 } },
        },
      );
      const evaluated = (normalization?: Dataset['normalization']) =>
        evaluateNetwork(network, dataset, { ...config, normalization });
      const own = await evaluated();
      assert.equal(own.settings.normalization, undefined);
      const { mean, std } = dataset.normalization;
      const same = await evaluated({ mean, std });
      assert.equal(same.metrics.knnTop1, own.metrics.knnTop1);
      const other = await evaluated({ mean: [0.9, 0.1, 0.5], std: [0.05, 0.5, 2] });
      assert.notEqual(other.metrics.knnTop1, own.metrics.knnTop1);
      assert.notEqual(other.id, own.id);
      assert.deepEqual(evaluationRecordSchema.parse(other), other);
      assert.equal(evaluationId(evaluationRecordSchema.parse(other)), other.id);
    });

    it('takes the newest checkpoint of a run that was stopped, and says how far it had come', async () => {
      const stop = new AbortController();
      await failure(
        train(stop.signal, () => stop.abort()),
        Interrupted,
      );
      const [run] = readdirSync(runs());
      const { origin } = find(join(runs(), run));
      assert.deepEqual(origin.kind === 'run' && [origin.epochs, origin.ofEpochs], [1, 2]);
      const checkpoint = loadCheckpoint(join(runs(), run), assert.fail)!;
      const progress = { ...checkpoint.progress, step: 5, epochSteps: 2 };
      const midst = backboneOfRun({ ...checkpoint, progress }, run, 'f').origin;
      assert.deepEqual(midst, { ...origin, step: 5 });
    });

    it('evaluates an imported network and keeps a file that no table takes for a run', async () => {
      const imported = await withFile(fixturePath('authors.pth'), (source) => importBackbone(source));
      writeBackbone(join(runs(), 'imported', backboneFileName), imported);
      const network = find('imported');
      const config = evaluationConfig(network, {
        dataset: 'shapes10',
        preset: 'quick',
        override: { evaluation: { knnK: 5, linear: { epochs: 1 } } },
      });
      const told = { started: 0, images: 0 };
      const result = await evaluateNetwork(network, dataset, config, {
        onStart: (_part, images) => {
          told.started += images;
        },
        onImages: (count) => {
          told.images += count;
        },
      });
      assert.deepEqual(told, { started: 100, images: 100 });
      const path = saveEvaluation(result, join(folder(), 'evaluations'));
      const written = evaluationRecordSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
      assert.deepEqual(written, result);
      assert.equal(written.network.origin.kind, 'pytorch');
      assert.throws(() => loadRecords(join(folder(), 'evaluations')), /not a valid run record/);
      const pooled = { ...result, network: { ...result.network, maxPool: true } };
      assert.notEqual(evaluationId(pooled), result.id);
      assert.equal(evaluationId(result), result.id);
      const long = {
        ...result.network,
        origin: { ...result.network.origin, file: `${'x'.repeat(250)}.pth` },
      };
      assert.match(evaluationId({ ...result, network: long as typeof result.network }), /^x{60}-\w{8}$/);
      writeFileSync(path, JSON.stringify({ ...pooled, timing: undefined }));
      assert.match(
        validateEvaluations(join(folder(), 'evaluations'))[0].problem!,
        /not a valid evaluation record/,
      );
      writeFileSync(path, JSON.stringify(pooled));
      assert.match(validateEvaluations(join(folder(), 'evaluations'))[0].problem!, /Was it edited by hand/);
    });

    it('refuses more neighbors than there are images before any goes through the network', async () => {
      const imported = await withFile(fixturePath('authors.pth'), (source) => importBackbone(source));
      const config = tinyConfig('mnn', { evaluation: { knnK: 31 } });
      const onStart = () => assert.fail('it started');
      const work = evaluateNetwork(imported, dataset, config, { onStart });
      await failure(work, UserError, /k 31 is more than the 30 images/);
    });
  },
  { training: true },
);

describe('Finding a network', () => {
  const folder = temporaryFolder();

  it('says what there is where the name is none', () => {
    mkdirSync(join(folder(), 'some-run'));
    const find = (what: string) => findNetwork(what, { runs: folder() });
    assert.throws(
      () => find('other'),
      /no run, imported network or file 'other'.* It has: some-run\. .*--runs/,
    );
    assert.throws(() => find('some-run'), /neither a checkpoint nor an imported network in .*some-run/);
    assert.throws(() => find(fixturePath('authors.pth')), /imported first: mnn import .*authors\.pth/);
    assert.throws(() => findNetwork('x', { runs: join(folder(), 'none') }), UserError);
    symlinkSync(join(folder(), 'nowhere'), join(folder(), 'dangling'));
    assert.throws(() => find('other'), /It has: some-run\./);
    writeFileSync(join(folder(), 'file'), '');
    assert.throws(() => findNetwork('x', { runs: join(folder(), 'file') }), /Runs are looked for in .*file/);
  });

  it('refuses a file that is larger than any network', () => {
    const path = join(folder(), backboneFileName);
    writeFileSync(path, '');
    truncateSync(path, 2 ** 31 + 1);
    assert.throws(() => findNetwork(path, {}), /Cannot read .*backbone\.safetensors \(it has 2 GiB or more/);
  });

  it('refuses a file that was changed, and one that is not of the kit', async () => {
    const imported = await withFile(fixturePath('authors.pth'), (source) => importBackbone(source));
    const path = join(folder(), backboneFileName);
    writeBackbone(path, imported);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(path, bytes);
    assert.throws(() => findNetwork(path, {}), /damaged or was changed/);
    writeFileSync(path, Buffer.concat(encodeSafetensors(new Map(), { format: 'pt' })));
    assert.throws(() => findNetwork(path, {}), /was not written by the kit/);
  });

  it("evaluates with a run's own settings unless others are given, and else with the paper's", () => {
    const config = tinyConfig();
    const own = evaluationConfig({ config }, { override: { evaluation: { knnK: 3 } } });
    assert.deepEqual([own.evaluation.knnK, own.evaluation.linear], [3, config.evaluation.linear]);
    assert.deepEqual(own.images, config.images);
    const paper = evaluationConfig({}, {});
    assert.deepEqual(
      [paper.dataset, paper.evaluation.knnK, paper.evaluation.linear.epochs],
      ['cifar10', 200, 100],
    );
    assert.equal(evaluationConfig({ config }, { dataset: 'stl10' }).training.cropSize, 64);
    assert.equal(evaluationConfig({}, { dataset: './photos' }).evaluation.knnK, 20);
    assert.throws(() => evaluationConfig({}, { dataset: 'shapes10' }), /Take preset 'small' or 'quick'/);
  });
});
