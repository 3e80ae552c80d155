import type { Cell } from './cells';
import type { Metric } from './metrics';
import type { PublishedNumber } from './published';

/** `91.40 ± 0.12 (2 of 3)`: mean, sample standard deviation, runs; null where nothing was measured. */
export function ourNumber({ mean, deviation, runs, configs, metric }: Cell): string | null {
  if (mean === null) return null;
  const spread = deviation === null ? '' : ` ± ${deviation.toFixed(metric.digits)}`;
  const count = runs === configs.length ? `${runs}` : `${runs} of ${configs.length}`;
  return `${mean.toFixed(metric.digits)}${spread} (${count})`;
}

/** Purities were published with two decimals. */
export function publishedText({ value }: PublishedNumber, { name, digits }: Metric): string {
  return value.toFixed(name === 'purity' ? 2 : digits);
}

/** A difference with its sign, a real minus. */
export function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}
