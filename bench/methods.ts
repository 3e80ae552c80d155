// The training step of each method beside MNN's, on one engine: the two take turns in processes of their own, so that
// two networks at most are in memory. MNN beside itself shows how much of a ratio is noise.

import type { Table } from '../lib/core/table';
import { viewsOf } from '../lib/methods';
import { presetConfig } from '../lib/presets/presets';
import { compare } from './contender';
import { kitContender } from './kit-contender';
import type { BenchmarkRecord } from './record';

export type MethodTiming = BenchmarkRecord['methods'][number];

/** Measures one method with the paper's settings for CIFAR-10 but the width and the batch. */
export async function measureMethod(
  method: string,
  { engine, width, batch, rounds }: { engine: string; width: number; batch: number; rounds: number },
): Promise<MethodTiming> {
  const views = viewsOf(presetConfig({ preset: 'paper', method, dataset: 'cifar10' })).length;
  const task = { task: 'step' as const, width, batch };
  const contenders = [
    kitContender('beside', engine, task),
    kitContender('measured', engine, { ...task, method }),
  ];
  const [mnn, own] = await compare(contenders, rounds);
  return {
    ...{ method, engine, width, batch, views },
    version: own.version ?? null,
    milliseconds: own.milliseconds ?? null,
    mnnMilliseconds: mnn.milliseconds ?? null,
    peakBytes: own.peakBytes ?? null,
    problem: own.problem ?? null,
  };
}

export function methodTable(timings: MethodTiming[]): Table {
  const digits = (count: number) => (value: number) => value.toFixed(count);
  return {
    columns: [
      { key: 'engine', label: 'engine', align: 'left' },
      { key: 'width', label: 'width', align: 'right' },
      { key: 'batch', label: 'batch', align: 'right' },
      { key: 'method', label: 'method', align: 'left' },
      { key: 'views', label: 'views', align: 'right' },
      { key: 'milliseconds', label: 'ms a step', align: 'right', format: digits(0) },
      { key: 'ratio', label: "of MNN's", align: 'right', format: digits(2) },
      { key: 'peak', label: 'peak MB', align: 'right', format: digits(0) },
    ],
    rows: timings.map(({ milliseconds, mnnMilliseconds, peakBytes, ...timing }) => ({
      ...timing,
      milliseconds,
      ratio: milliseconds && mnnMilliseconds ? milliseconds / mnnMilliseconds : null,
      peak: peakBytes && peakBytes / 1e6,
    })),
    notes: timings.filter(({ problem }) => problem).map(({ method, problem }) => `${method}: ${problem}`),
  };
}
