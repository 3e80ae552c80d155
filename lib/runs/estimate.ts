import { isDeepStrictEqual } from 'node:util';
import type { RunConfig } from '../config/run-config';
import { summarise } from '../core/statistics';
import { currentEngine } from '../engine';
import { machineOf, type RunRecord, recordId } from '../results';
import { measureRun, type PartTimes, runSeconds } from './measure';

/** How long a run will take, and how that is known. */
export interface RunEstimate {
  seconds: number;
  /**
   * `recorded`: a record of the same work on this machine and engine; `measured`: a few steps just now;
   * `assumed`: as long a step as the mean of the measured ones of the same network.
   */
  basis: 'recorded' | 'measured' | 'assumed';
}

export interface EstimateOptions {
  /** Where times can be taken from. */
  records: readonly RunRecord[];
  /** Threads that make views. */
  workers?: number;
  /** Seconds after which no further kind of run is measured. Default 60; every network is measured once. */
  budget?: number;
  onMeasure?: (config: RunConfig) => void;
}

/** How long each of the runs will take on the engine that runs, by the name of its record. */
export async function estimateRuns(
  configs: readonly RunConfig[],
  { records, workers, budget = 60, onMeasure }: EstimateOptions,
): Promise<Map<string, RunEstimate>> {
  const recorded = recordedSeconds(records);
  const unknown = configs.filter((config) => !recorded.has(workOf(config)));
  const measured = new Map<string, { network: string; times: PartTimes }>();
  const start = performance.now();
  for (const config of networksFirst(unknown)) {
    const network = networkOf(config);
    const isNew = ![...measured.values()].some((known) => known.network === network);
    if (measured.has(stepOf(config)) || (!isNew && performance.now() - start > 1000 * budget)) continue;
    onMeasure?.(config);
    measured.set(stepOf(config), { network, times: await measureRun(config, workers) });
  }
  return new Map(
    configs.map((config): [string, RunEstimate] => {
      const seconds = recorded.get(workOf(config));
      if (seconds !== undefined) return [recordId(config), { seconds, basis: 'recorded' }];
      const own = measured.get(stepOf(config))?.times;
      const alike = [...measured.values()].filter(({ network }) => network === networkOf(config));
      const times = own ?? meanTimes(alike.map(({ times: known }) => known));
      return [recordId(config), { seconds: runSeconds(config, times), basis: own ? 'measured' : 'assumed' }];
    }),
  );
}

/** Mean seconds of each kind of work, of the records of this machine and engine. */
function recordedSeconds(records: readonly RunRecord[]): Map<string, number> {
  const { name, threads } = currentEngine();
  const here = { ...machineOf(), engine: name, threads };
  const times = new Map<string, number[]>();
  for (const { config, provenance, timing } of records) {
    const { cpu, gpu, engine } = provenance;
    if (!isDeepStrictEqual({ cpu, gpu, engine: engine.name, threads: engine.threads }, here)) continue;
    const work = workOf(config);
    times.set(work, [...(times.get(work) ?? []), timing.totalSeconds]);
  }
  return new Map([...times].map(([work, seconds]) => [work, summarise(seconds).mean]));
}

/** The first run of each network before all others, so that none is left without a measurement. */
function networksFirst(configs: readonly RunConfig[]): RunConfig[] {
  const first = [...new Map([...configs].reverse().map((config) => [networkOf(config), config])).values()];
  return [...first, ...configs.filter((config) => !first.includes(config))];
}

/** What a step's time depends on most. */
function networkOf({ model, training }: RunConfig): string {
  const { epochs, batchSize, cropSize } = training;
  return JSON.stringify([model.width, model.maxPool, batchSize, cropSize, epochs === 0]);
}

/** What else it depends on: the method, its views, and whether it searches neighbours. */
function stepOf(config: RunConfig): string {
  const { views = null, topK = null } = config.options;
  return JSON.stringify([networkOf(config), config.method, views, topK === 0]);
}

/** All that a run's time depends on. */
function workOf(config: RunConfig): string {
  const { dataset, images, training, evaluation } = config;
  return JSON.stringify([stepOf(config), dataset, images, training.epochs, evaluation]);
}

function meanTimes(times: PartTimes[]): PartTimes {
  return {
    step: summarise(times.map(({ step }) => step)).mean,
    picture: summarise(times.map(({ picture }) => picture)).mean,
  };
}
