import type { LinearEpoch } from '../evaluation';
import type { RunMetrics } from '../results';

/** What the linear evaluation came to: the best of its epochs, as the authors report it, and the last. */
export function linearMetrics(
  curve: LinearEpoch[],
): Pick<RunMetrics, 'linearTop1' | 'linearTop5' | 'linearLastTop1' | 'linearLastTop5'> {
  const highest = (values: number[]) => (values.length > 0 ? Math.max(...values) : null);
  return {
    linearTop1: highest(curve.map(({ top1 }) => top1)),
    linearTop5: highest(curve.map(({ top5 }) => top5)),
    linearLastTop1: curve.at(-1)?.top1 ?? null,
    linearLastTop5: curve.at(-1)?.top5 ?? null,
  };
}
