import { UserError } from '../errors';
import type { StateDict } from './backbone-names';
import { PickleDict, type PickleValue, TensorInFile } from './pickle/values';
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
 * The state dict in a checkpoint: the whole of it, or what stands under one of the usual names.
 * @throws UserError that says what the file has instead.
 */
export function stateDictOf(value: PickleValue, file: string): TorchCheckpoint {
  if (!(value instanceof PickleDict)) {
    throw new UserError(`${file} holds ${kindOf(value)} and no state dict: save model.state_dict().`);
  }
  const epoch = value.get('epoch');
  const holder = [value, ...usualKeys.map((key) => value.get(key))].find(hasTensors);
  if (!holder) {
    const keys = [...value.keys()].filter((key) => typeof key === 'string').map(printable);
    throw new UserError(
      `${file} has no tensors where a model's are looked for (${usualKeys.join(', ')}). ` +
        `It has: ${keys.slice(0, 10).join(', ') || 'nothing'}.`,
    );
  }
  return { tensors: tensorsOf(holder), epoch: typeof epoch === 'number' ? epoch : null };
}

function hasTensors(value: PickleValue | undefined): value is PickleDict {
  return value instanceof PickleDict && [...value.values()].some((item) => item instanceof TensorInFile);
}

function tensorsOf(dict: PickleDict): StateDict {
  const tensors = new Map<string, TensorInFile>();
  for (const [key, value] of dict) {
    if (typeof key === 'string' && value instanceof TensorInFile) tensors.set(key, value);
  }
  return tensors;
}

function kindOf(value: PickleValue): string {
  if (value instanceof TensorInFile) return 'a single tensor';
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'nothing' : `a ${typeof value}`;
}
