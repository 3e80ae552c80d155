import { listMethods } from '../methods';
import type { CurvePoint } from './record';

/** Seconds as people read them: `8.4 s`, `3 min 05 s`, `2 h 10 min`, `6 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** A method's name as the papers write it; one that is not known here stays as it is. */
export function methodName(method: string): string {
  return listMethods().find(({ name }) => name === method)?.title ?? method;
}

/** The names of datasets as the papers write them. */
const datasetNames: Record<string, string> = {
  cifar10: 'CIFAR-10',
  cifar100: 'CIFAR-100',
  stl10: 'STL-10',
  'tiny-imagenet': 'Tiny ImageNet',
};

/** A dataset's name as the papers write it; an unknown one stays as it is. */
export function datasetName(dataset: string): string {
  return datasetNames[dataset] ?? dataset;
}

/** Text that is safe between HTML tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

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
