import { printable } from '../core/byte-source';
import { UserError } from '../core/errors';
import { PickleDict, type PickleValue, TensorInFile, Tuple } from '../core/pickle/values';
import type { NamedStateDict, StateDict } from './backbone-names';

/** What a checkpoint of PyTorch's holds of its models. */
export interface TorchCheckpoint {
  /** Every dict that has tensors, the outer ones first. */
  states: NamedStateDict[];
  /** The number that the file has as its epoch; the authors count from 0. */
  epoch: number | null;
}

/** Dicts in dicts that are looked into: of other code nobody knows under which keys it keeps its models. */
const deepest = 3;
const mostDicts = 1000;

/**
 * The state dicts in a checkpoint: the whole of it, and the dicts with tensors in it.
 * @throws UserError that says what the file has instead.
 */
export function stateDictsOf(value: PickleValue, file: string): TorchCheckpoint {
  if (!(value instanceof PickleDict)) {
    throw new UserError(`${file} holds ${kindOf(value)} and no state dict: save model.state_dict().`);
  }
  const epoch = value.get('epoch');
  const states = dictsIn(value).flatMap(([key, dict]): NamedStateDict[] => {
    const tensors = tensorsOf(dict);
    return tensors.size > 0 ? [{ key, tensors }] : [];
  });
  if (states.length === 0) {
    const keys = [...value.keys()].filter((key) => typeof key === 'string').map(printable);
    throw new UserError(
      `${file} has no tensors, also not in the dicts in it. It has: ${keys.slice(0, 10).join(', ') || 'nothing'}.`,
    );
  }
  return { states, epoch: typeof epoch === 'number' ? epoch : null };
}

/** The dict and those in it, each once, by the keys that lead there. */
function dictsIn(whole: PickleDict): [string, PickleDict][] {
  const found: [string, PickleDict][] = [['', whole]];
  const seen = new Set<PickleDict>([whole]);
  for (const [path, dict] of found) {
    if (path.split('.').length > deepest) continue;
    for (const [key, item] of dict) {
      if (!(item instanceof PickleDict) || seen.has(item) || typeof key !== 'string') continue;
      if (found.length === mostDicts) return found;
      seen.add(item);
      found.push([path === '' ? key : `${path}.${key}`, item]);
    }
  }
  return found;
}

function tensorsOf(dict: PickleDict): StateDict {
  const tensors = new Map<string, TensorInFile>();
  for (const [key, item] of dict) {
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
