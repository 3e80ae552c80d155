import type { Variable } from '@tensorflow/tfjs-core';
import { tf } from '../../lib/engine/tf';
import { fromOihw, tensorOf } from '../engines';
import type { GoldenTensor } from '../golden';

/** Name of a backbone's parameter in the authors' checkpoints, where children are numbered. */
export function authorsName(name: string, maxPool: boolean): string {
  const numbers: Record<string, number> = { conv1: 0, bn1: 1 };
  for (let stage = 1; stage <= 4; stage++) numbers[`layer${stage}`] = stage + (maxPool ? 3 : 2);
  const [child, ...rest] = name.split('.');
  return ['net', numbers[child], ...rest].join('.');
}

/** Gives a variable the value of a tensor in PyTorch's layout. */
export function setFromPyTorch(variable: Variable, value: GoldenTensor): void {
  tf.tidy(() => {
    const tensor = tensorOf(value);
    if (tensor.rank === 4) variable.assign(fromOihw(value) as never);
    else variable.assign(tensor.rank === 2 ? tf.transpose(tensor) : tensor);
  });
}
