import { studentQuantile } from '../core/paired-statistics';
import type { Cell } from './cells';

type Measured = Cell & { mean: number };

/**
 * The cell with the highest mean of one dataset and metric, and those not distinguishable from it: nearer than
 * t · s · √(1/n + 1/m), where s is the standard deviation over seeds, pooled over all cells with two seeds or more, and
 * t Student's 97.5 % quantile. Neither if no cell has two seeds, or only one ran: one seed ranks nothing.
 */
export function bestOf(cells: readonly Cell[]): { best?: Cell; tied: Cell[] } {
  const measured = cells.filter((cell): cell is Measured => cell.mean !== null);
  const pooled = pooledDeviation(measured);
  if (!pooled || measured.length < 2) return { tied: [] };
  const reach = studentQuantile(pooled.freedom) * pooled.deviation;
  const best = measured.reduce((a, b) => (b.mean > a.mean ? b : a));
  const tied = measured.filter(
    (cell) => cell !== best && best.mean - cell.mean <= reach * Math.sqrt(1 / best.runs + 1 / cell.runs),
  );
  return { best, tied };
}

/** The standard deviation over seeds of cells with two or more, and its degrees of freedom; undefined without such. */
export function pooledDeviation(cells: readonly Cell[]): { deviation: number; freedom: number } | undefined {
  const repeated = cells.filter(({ runs }) => runs > 1);
  const freedom = repeated.reduce((sum, { runs }) => sum + runs - 1, 0);
  if (freedom === 0) return undefined;
  const squares = repeated.reduce((sum, { runs, deviation }) => sum + (runs - 1) * deviation! ** 2, 0);
  return { deviation: Math.sqrt(squares / freedom), freedom };
}
