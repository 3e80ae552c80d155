import type { RunConfig } from '../config/run-config';
import { formatDuration } from '../core/format';
import type { Table } from '../core/table';
import { recordId } from '../results';
import { expectedImages, runSeconds } from '../runs';
import type { Needs } from './make-plan';
import type { RunCost } from './plan';

/**
 * Passes through the network that a step takes for each picture, in forward passes: two of the student with
 * their gradients, each as long as three, and two of the teacher.
 */
const passesPerStep = 8;

/**
 * What runs take where a training step deals with so many pictures of 32 pixels a second. All methods count as
 * equally fast; larger pictures and feature maps take as much longer as they have more pixels.
 */
export function costsFrom(throughput: number, configs: readonly RunConfig[]): Map<string, RunCost> {
  return new Map(
    configs.map((config) => {
      const { model, training } = config;
      const pixels = (size: number) => (size / (model.maxPool ? 2 : 1) / 32) ** 2;
      const seconds = runSeconds(config, {
        step: (training.batchSize * pixels(training.cropSize)) / throughput,
        picture: pixels(expectedImages(config).size) / throughput / passesPerStep,
      });
      return [recordId(config), { seconds, basis: 'throughput' }];
    }),
  );
}

/** What runs cost, under the name of a column. */
export interface CostColumn {
  label: string;
  costs: ReadonlyMap<string, { seconds: number }>;
}

/** What each table costs in hours, and all of them: a run counts for the first table that needs it. */
export function costTable({ tables, missing }: Needs, columns: CostColumn[]): Table {
  const hours = (runs: Needs['missing']) =>
    Object.fromEntries(
      columns.map(({ label, costs }) => {
        const seconds = runs.map(({ config }) => costs.get(recordId(config))!.seconds);
        return [label, seconds.reduce((sum, value) => sum + value, 0) / 3600];
      }),
    );
  const rows = tables.map(({ name, runs, recorded }) => {
    const own = missing.filter((run) => run.tables[0] === name);
    const shared = runs - recorded - own.length;
    return { name, runs, recorded, shared, missing: own.length, ...hours(own) };
  });
  const number = (key: string, label: string) => ({ key, label, align: 'right' as const });
  return {
    columns: [
      { key: 'name', label: 'table', align: 'left' },
      number('runs', 'runs'),
      number('recorded', 'with a record'),
      number('shared', 'in a table above'),
      number('missing', 'to run'),
      ...columns.map(({ label }) => ({
        ...number(label, label),
        format: (value: number) => value.toFixed(2),
      })),
    ],
    rows: [...rows, { name: 'together', missing: missing.length, ...hours(missing) }],
    notes: [],
  };
}

/** A plan's cost in a sentence. */
export function costSentence({ missing }: Needs, costs: ReadonlyMap<string, RunCost>): string {
  const own = missing.map(({ config }) => costs.get(recordId(config))!);
  const seconds = own.reduce((sum, cost) => sum + cost.seconds, 0);
  const longest = Math.max(0, ...own.map((cost) => cost.seconds));
  return `One after the other they take about ${formatDuration(seconds)}, the longest ${formatDuration(longest)}.`;
}
