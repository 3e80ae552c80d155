import { type PickleValue, Storage, TensorInFile, Tuple } from './values';

/**
 * torch._utils._rebuild_tensor_v2(storage, offset, shape, strides, ...), without reading any number.
 * @throws Error for a tensor that reaches beyond its storage.
 */
export function rebuildTensor([storage, offset, shape, strides]: readonly PickleValue[]): TensorInFile {
  if (!(storage instanceof Storage)) throw new Error('was given no storage');
  if (!isCount(offset)) throw new Error('was given no offset');
  const sizes = countsOf(shape);
  const steps = countsOf(strides);
  if (sizes.length !== steps.length) throw new Error('was given a shape and strides of different lengths');
  const count = sizes.reduce((product, size) => product * size, 1);
  const last = sizes.reduce((place, size, axis) => place + (size - 1) * steps[axis], offset);
  if (count > 0 && last >= storage.length) {
    throw new Error(`reaches number ${last} of a storage of ${storage.length}`);
  }
  return new TensorInFile(storage, offset, sizes, steps);
}

/** PyTorch has at most 64 axes. */
function countsOf(value: PickleValue | undefined): number[] {
  if (!(value instanceof Tuple) || value.items.length > 64 || !value.items.every(isCount)) {
    throw new Error('was given no shape and strides');
  }
  return value.items as number[];
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
