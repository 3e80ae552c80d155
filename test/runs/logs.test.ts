import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Interrupted, UserError } from '../../lib/core/errors';
import { startEngine } from '../../lib/engine';
import { recordId } from '../../lib/results';
import { type ExperimentOptions, runExperiment } from '../../lib/runs';
import { jsonLinesLog } from '../../lib/runs/logs/json-lines';
import { tensorboardLog } from '../../lib/runs/logs/tensorboard';
import { type Event, eventMessage } from '../../lib/runs/logs/tensorboard-messages';
import { tfRecord, tfRecords } from '../../lib/runs/logs/tf-record';
import { temporaryFolder } from '../data/temporary-folder';
import { sampleRecord } from '../results/sample-record';
import { failure, tinyConfig, tinyDataset } from '../training/tiny-run';

describe('Logs of a run', () => {
  const folder = temporaryFolder();
  before(() => startEngine({ engine: 'wasm', threads: 1 }));

  const config = tinyConfig();
  const run = (options: ExperimentOptions = {}) =>
    runExperiment(config, tinyDataset(), {
      runsFolder: join(folder(), 'runs'),
      recordsFolder: null,
      workers: 0,
      tensorboard: join(folder(), 'curves'),
      log: join(folder(), 'run.jsonl'),
      ...options,
    });
  const lines = (): { event: string; run: string; step?: number; epoch?: number }[] =>
    readFileSync(join(folder(), 'run.jsonl'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const place = () => join(folder(), 'curves', recordId(config));
  const events = (): Event[] =>
    readdirSync(place()).flatMap((name) =>
      [...tfRecords(readFileSync(join(place(), name)))].map(
        (record) => eventMessage().toObject(eventMessage().decode(record), { longs: Number }) as Event,
      ),
    );
  const steps = (tag: string) =>
    events()
      .filter(({ summary }) =>
        summary?.value?.some((value) => value.tag === tag && value.simple_value !== undefined),
      )
      .map(({ step }) => step);

  it('have each step once, also of a run that was stopped, torn in the middle of a line, and resumed', async () => {
    const controller = new AbortController();
    const stopped = run({
      signal: controller.signal,
      onStep: ({ step }) => step === 4 && controller.abort('SIGTERM'),
    });
    await failure(stopped, Interrupted);
    assert.deepEqual(steps('train/loss'), [1, 2, 3, 4]);
    // As if the process had been killed later than its last checkpoint: steps 5 and 6 are there, one of them in part.
    const fake = { step: 5, steps: 6, epoch: 2, epochs: 2, loss: 1, purity: 0, lr: 0, imagesPerSecond: 1 };
    jsonLinesLog(config, join(folder(), 'run.jsonl')).onStep(fake);
    tensorboardLog(config, join(folder(), 'curves')).onStep(fake);
    appendFileSync(join(folder(), 'run.jsonl'), '{"run":"half');
    const [file] = readdirSync(place());
    appendFileSync(join(place(), file), tfRecord(Buffer.from('torn')).subarray(0, 14));

    const record = await run();
    assert.deepEqual(steps('train/loss'), [1, 2, 3, 4, 5, 6]);
    assert.deepEqual(steps('epoch/knn_top1'), [3, 6]);
    assert.deepEqual(steps('linear/top1'), [1, 2]);
    assert.deepEqual(steps('result/linear_top1'), [6]);
    const of = (event: string) => lines().filter((line) => line.event === event);
    assert.deepEqual(
      of('step').map(({ step }) => step),
      [1, 2, 3, 4, 5, 6],
    );
    assert.deepEqual(
      [of('start').length, of('epoch').length, of('linear').length, of('end').length],
      [1, 2, 2, 1],
    );
    assert.ok(lines().every((line) => line.run === record.id));

    // What is finished is not written again.
    const before = [lines().length, events().length];
    for (const log of [
      tensorboardLog(config, join(folder(), 'curves')),
      jsonLinesLog(config, join(folder(), 'run.jsonl')),
    ]) {
      log.onStep(fake);
      log.onRecord(record);
    }
    assert.deepEqual([lines().length, events().length], before);
    tensorboardLog(config, join(folder(), 'curves'), { restart: true });
    assert.equal(events().length, 0);
  });

  it('share a file with other runs, and leave a file of something else as it is', () => {
    const file = join(folder(), 'run.jsonl');
    jsonLinesLog(config, file);
    jsonLinesLog(tinyConfig('msf'), file);
    jsonLinesLog(config, file, { restart: true });
    assert.deepEqual(
      lines().map((line) => line.run),
      [recordId(tinyConfig('msf')), recordId(config)],
    );
    for (const text of ['a poem\nof two lines\n', 'no line']) {
      writeFileSync(file, text);
      assert.throws(() => jsonLinesLog(config, file), UserError);
      assert.equal(readFileSync(file, 'utf8'), text);
    }
    rmSync(file);
  });

  it("have TensorFlow's checksums", () => {
    // As TensorBoard's RecordWriter writes it.
    const expected = '0500000000000000eab2043e68656c6c6fbb1f1c19';
    assert.equal(tfRecord(Buffer.from('hello')).toString('hex'), expected);
  });

  it('are read by TensorBoard itself, without a doubled step, where it is installed', function () {
    const python = process.env.MNN_TENSORBOARD_PYTHON ?? 'python3';
    if (spawnSync(python, ['-c', 'import tensorboard']).status !== 0) this.skip();
    const step = (n: number) => ({
      step: n,
      steps: 9,
      epoch: 1,
      epochs: 1,
      loss: 1 / n,
      purity: null,
      lr: 1,
      imagesPerSecond: 9,
    });
    for (const last of [3, 5]) {
      const log = tensorboardLog(config, join(folder(), 'curves'));
      for (let n = 1; n <= last; n++) log.onStep(step(n));
      if (last === 5) log.onRecord({ ...sampleRecord(), config });
    }
    const script = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import plugin_data_pb2
events = EventAccumulator(sys.argv[1]).Reload()
content = events.summary_metadata["_hparams_/session_start_info"].plugin_data.content
hparams = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
print(json.dumps([[e.step for e in events.Scalars("train/loss")], hparams["training.batchSize"].number_value]))`;
    const { stdout, stderr } = spawnSync(python, ['-c', script, place()], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(stdout || stderr), [[1, 2, 3, 4, 5], config.training.batchSize]);
  });
});
