import { UserError } from '../errors';
import { findBackbones, type StateDict } from './backbone-names';
import { PickleDict, type PickleValue, TensorInFile, Tuple } from './pickle/values';
import { printable } from './printable';

/** What a checkpoint of PyTorch's holds of a model. */
export interface TorchCheckpoint {
  tensors: StateDict;
  /** The number that the file has as its epoch; the authors count from 0. */
  epoch: number | null;
}

/** Under which names training scripts keep a model's state dict. */
const usualKeys = ['model', 'state_dict', 'model_state_dict', 'net', 'network', 'backbone'];

/**
 * The state dict in a checkpoint: of the whole of it and what stands under the usual names, the first with a backbone,
 * or where none has one that with the most tensors.
 * @throws UserError that says what the file has instead.
 */
export function stateDictOf(value: PickleValue, file: string): TorchCheckpoint {
  if (!(value instanceof PickleDict)) {
    throw new UserError(`${file} holds ${kindOf(value)} and no state dict: save model.state_dict().`);
  }
  const epoch = value.get('epoch');
  const holders = [value, ...usualKeys.map((key) => value.get(key))].map(tensorsOf);
  const most = Math.max(...holders.map(({ size }) => size));
  if (most === 0) {
    const keys = [...value.keys()].filter((key) => typeof key === 'string').map(printable);
    throw new UserError(
      `${file} has no tensors where a model's are looked for (${usualKeys.join(', ')}). ` +
        `It has: ${keys.slice(0, 10).join(', ') || 'nothing'}.`,
    );
  }
  const tensors =
    holders.find((holder) => findBackbones(holder).length > 0) ?? holders.find(({ size }) => size === most)!;
  return { tensors, epoch: typeof epoch === 'number' ? epoch : null };
}

function tensorsOf(value: PickleValue | undefined): StateDict {
  const tensors = new Map<string, TensorInFile>();
  for (const [key, item] of value instanceof PickleDict ? value : []) {
    if (typeof key === 'string' && item instanceof TensorInFile) tensors.set(key, item);
  }
  return tensors;
}

function kindOf(value: PickleValue): string {
  if (value instanceof TensorInFile) return 'a single tensor';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Tuple) return 'a tuple';
  if (value === null) return 'nothing';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
