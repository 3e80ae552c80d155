import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import {
  type BenchmarkRecord,
  benchmarkSchema,
  defaultBenchmarksFolder,
  saveBenchmark,
} from '../../bench/record';
import { temporaryFolder } from '../data/temporary-folder';
import { sampleRecord } from '../results/sample-record';

const sampleBenchmark = (): BenchmarkRecord => ({
  schemaVersion: 1,
  kind: 'benchmark',
  provenance: { ...sampleRecord().provenance, finishedAt: '2026-01-02T03:04:05.678Z' },
  rounds: 3,
  matrixPeaks: [{ contender: 'wasm', version: '4.22.0', multiplyAddsPerSecond: 3e10, problem: null }],
  timings: [
    {
      ...{ task: 'step', width: 16, batch: 128, contender: 'wasm', version: '4.22.0' },
      ...{ milliseconds: 700, peakBytes: 7e8, readyAfter: 900, limitShare: 0.25, problem: null },
    },
  ],
  methods: [
    {
      ...{ method: 'byol', engine: 'wasm', width: 16, batch: 128, views: 2, version: '4.22.0' },
      ...{ milliseconds: 690, mnnMilliseconds: 700, peakBytes: 7e8, problem: null },
    },
  ],
  kernels: [],
  views: [],
});

describe('Benchmark records', () => {
  const folder = temporaryFolder();

  it('are kept under the time that they ended at, and read back as they were', () => {
    const path = saveBenchmark(sampleBenchmark(), folder());
    assert.equal(basename(path), '2026-01-02T03-04-05.json');
    assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), sampleBenchmark());
  });

  it('are not written with a field that is wrong, which is named', () => {
    const place = folder();
    const wrong = { ...sampleBenchmark(), rounds: 0 };
    assert.throws(() => saveBenchmark(wrong, place), /rounds/);
    assert.deepEqual(readdirSync(place), []);
  });

  it('from before methods were measured are read as having none', () => {
    const { methods: _methods, ...earlier } = sampleBenchmark();
    assert.deepEqual(benchmarkSchema.parse(earlier).methods, []);
  });

  it('from before the machine was measured are read without its limit', () => {
    const { matrixPeaks: _peaks, timings, ...earlier } = sampleBenchmark();
    const [{ limitShare: _share, ...timing }] = timings;
    assert.doesNotThrow(() => benchmarkSchema.parse({ ...earlier, timings: [timing] }));
  });

  it('of the project are valid', () => {
    const files = readdirSync(defaultBenchmarksFolder());
    assert.ok(files.length > 0);
    for (const file of files) {
      benchmarkSchema.parse(JSON.parse(readFileSync(join(defaultBenchmarksFolder(), file), 'utf8')));
    }
  });
});
