import type { Tensor } from '@tensorflow/tfjs-core';
import { escapeHtml } from '../core/text';
import { show } from './show';

const shownRows = 4;
const shownColumns = 6;

/**
 * Shows a tensor: its name, shape and type, least, greatest and mean value and standard deviation, how many
 * values are no finite numbers, and its first rows along the last axis.
 */
export async function displayTensor(tensor: Tensor, name = 'tensor'): Promise<void> {
  const values = await tensor.data();
  const head = `${name}: ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  const facts = typeof values[0] === 'string' ? '' : describeValues(values as ArrayLike<number>);
  const rows = firstRows(values as ArrayLike<number | string>, tensor.shape);
  show({
    'text/html':
      `<b>${escapeHtml(head)}</b>${facts && `<br>${escapeHtml(facts)}`}` +
      `<pre>${escapeHtml(rows.join('\n'))}</pre>`,
    'text/plain': [head, ...(facts ? [facts] : []), ...rows].join('\n'),
  });
}

function describeValues(values: ArrayLike<number>): string {
  let [count, sum, least, greatest] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    if (!Number.isFinite(values[i])) continue;
    count++;
    sum += values[i];
    least = Math.min(least, values[i]);
    greatest = Math.max(greatest, values[i]);
  }
  const odd = values.length - count;
  const oddText = odd > 0 ? `${odd} of ${values.length} values are NaN or infinite` : '';
  if (count === 0) return oddText;
  const std = standardDeviation(values, sum / count, count);
  const parts = [
    `min ${short(least)}`,
    `max ${short(greatest)}`,
    `mean ${short(sum / count)}`,
    `std ${short(std)}`,
  ];
  return [...parts, ...(oddText ? [oddText] : [])].join(', ');
}

/** Of the finite values, and of them alone: not an estimate for others. */
function standardDeviation(values: ArrayLike<number>, mean: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) sum += (values[i] - mean) ** 2;
  return Math.sqrt(sum / count);
}

function firstRows(values: ArrayLike<number | string>, shape: readonly number[]): string[] {
  const columns = shape.at(-1) ?? 1;
  const rows = columns === 0 ? 0 : values.length / columns;
  const lines = Array.from({ length: Math.min(rows, shownRows) }, (_, row) => {
    const shown = Array.from({ length: Math.min(columns, shownColumns) }, (_, i) =>
      short(values[row * columns + i]),
    );
    return `[${[...shown, ...(columns > shownColumns ? ['…'] : [])].join(', ')}]`;
  });
  return rows > shownRows ? [...lines, '…'] : lines;
}

function short(value: number | string): string {
  return typeof value === 'string' ? value : String(Number(value.toPrecision(4)));
}
