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

/** Dicts in dicts, and lists of them, that are looked into: of other code nobody knows under which keys it keeps its models. */
const deepest = 3;
const maxDicts = 1000;

/**
 * The state dicts in a checkpoint: the whole of it, and the dicts with tensors in it.
 * @throws UserError that says what the file has instead.
 */
export function stateDictsOf(value: PickleValue, file: string): TorchCheckpoint {
  if (!itemsOf(value)) {
    throw noStateDict(value, file);
  }
  const epoch = value instanceof PickleDict ? value.get('epoch') : null;
  const states = dictsIn(value).flatMap(([key, dict]): NamedStateDict[] => {
    const tensors = tensorsOf(dict);
    return tensors.size > 0 ? [{ key, tensors }] : [];
  });
  if (states.length === 0) {
    if (!(value instanceof PickleDict)) throw noStateDict(value, file);
    const keys = [...value.keys()].filter((key) => typeof key === 'string').map(printable);
    throw new UserError(
      `${file} has no tensors, also not in the dicts and lists in it. ` +
        `It has: ${keys.slice(0, 10).join(', ') || 'nothing'}.`,
    );
  }
  return { states, epoch: typeof epoch === 'number' ? epoch : null };
}

/** The dict and those in it, also in lists, each once, by the keys and places from 0 on that lead there. */
function dictsIn(whole: PickleValue): [string, PickleDict][] {
  const found: [string, PickleValue][] = [['', whole]];
  const seen = new Set<PickleValue>([whole]);
  search: for (const [path, value] of found) {
    if (path !== '' && path.split('.').length > deepest) continue;
    for (const [key, item] of itemsOf(value)!) {
      if (!itemsOf(item) || seen.has(item) || typeof key !== 'string') continue;
      if (found.length === maxDicts) break search;
      seen.add(item);
      found.push([path === '' ? key : `${path}.${key}`, item]);
    }
  }
  return found.filter((entry): entry is [string, PickleDict] => entry[1] instanceof PickleDict);
}

/** What is in a dict, list or tuple, by its keys or places; undefined for anything else. */
function itemsOf(value: PickleValue): [PickleValue, PickleValue][] | undefined {
  if (value instanceof PickleDict) return [...value];
  const list = value instanceof Tuple ? value.items : value;
  return Array.isArray(list) ? list.map((item, i) => [String(i), item]) : undefined;
}

function tensorsOf(dict: PickleDict): StateDict {
  const tensors = new Map<string, TensorInFile>();
  for (const [key, item] of dict) {
    if (typeof key === 'string' && item instanceof TensorInFile) tensors.set(key, item);
  }
  return tensors;
}

function noStateDict(value: PickleValue, file: string): UserError {
  return new UserError(`${file} holds ${kindOf(value)} and no state dict: save model.state_dict().`);
}

function kindOf(value: PickleValue): string {
  if (value instanceof TensorInFile) return 'a single tensor';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Tuple) return 'a tuple';
  if (value === null) return 'nothing';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
