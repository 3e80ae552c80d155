/** The values in their order, each once. */
export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

export interface Summary {
  mean: number;
  /** Sample standard deviation; 0 for one value. */
  deviation: number;
  count: number;
}

export function summarize(values: readonly number[]): Summary {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: count > 1 ? Math.sqrt(squares / (count - 1)) : 0, count };
}
