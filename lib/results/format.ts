import type { CurvePoint } from './record';

/** One epoch of a run in words: `epoch 3, loss 0.1234, purity 0.456, k-NN 32.10 %`. */
export function formatEpoch({
  epoch,
  loss,
  purity,
  knnTop1,
}: Pick<CurvePoint, 'epoch' | 'loss' | 'purity' | 'knnTop1'>): string {
  const parts = [`epoch ${epoch}`, `loss ${loss.toFixed(4)}`];
  if (purity !== null) parts.push(`purity ${purity.toFixed(3)}`);
  if (knnTop1 !== null) parts.push(`k-NN ${knnTop1.toFixed(2)} %`);
  return parts.join(', ');
}
