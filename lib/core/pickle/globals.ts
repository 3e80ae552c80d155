import { printable } from '../byte-source';
import { UserError } from '../errors';
import { arrayFromBytes, numpyScalar, numpyType } from './numpy';
import { rebuildTensor } from './tensor';
import {
  Callable,
  type NumberType,
  NumpyArray,
  PickleDict,
  type PickleValue,
  StorageType,
  Tuple,
} from './values';

/** PyTorch's classes of storages: the type of their numbers, and its bytes. */
const storages: Record<string, [NumberType, number]> = {
  FloatStorage: ['float32', 4],
  DoubleStorage: ['float64', 8],
  HalfStorage: ['float16', 2],
  BFloat16Storage: ['bfloat16', 2],
  LongStorage: ['other', 8],
  IntStorage: ['other', 4],
  ShortStorage: ['other', 2],
  CharStorage: ['other', 1],
  ByteStorage: ['other', 1],
  BoolStorage: ['other', 1],
};

const emptyDict = (): PickleDict => new PickleDict();
const emptyList = (): PickleValue[] => [];
const first = ([value]: readonly PickleValue[]): PickleValue => value ?? null;

/** What stands for itself, and is nothing that a network's tensors depend on. */
const dtypes = [
  ...['float64', 'float32', 'float16', 'bfloat16', 'complex64', 'complex128'],
  ...['int64', 'int32', 'int16', 'int8', 'uint8', 'bool'],
].map((name) => `torch.${name}`);

/** Everything that a file may ask for by name; each is done here, and nothing of Python's is ever run. */
const allowed = new Map<string, PickleValue>([
  ...dtypes.map((name): [string, PickleValue] => [name, name]),
  ...[
    ...Object.entries(storages).map(
      ([name, [numbers, bytes]]) => new StorageType(`torch.${name}`, numbers, bytes),
    ),
    new Callable('collections.OrderedDict', orderedDict, lengthOfFirst),
    new Callable('collections.Counter', first),
    new Callable('collections.defaultdict', emptyDict),
    new Callable('__builtin__.dict', emptyDict),
    new Callable('builtins.dict', emptyDict),
    new Callable('__builtin__.set', emptyList),
    new Callable('builtins.set', emptyList),
    new Callable('torch._utils._rebuild_tensor_v2', rebuildTensor),
    new Callable('torch._utils._rebuild_parameter', first),
    new Callable('torch.Size', torchSize),
    new Callable('torch.device', first),
    new Callable('numpy.dtype', numpyType),
    new Callable('numpy.core.multiarray.scalar', numpyScalar),
    new Callable('numpy._core.multiarray.scalar', numpyScalar),
    new Callable('numpy.ndarray', emptyList),
    ...['numpy.core.multiarray._reconstruct', 'numpy._core.multiarray._reconstruct'].map(
      (name) => new Callable(name, () => new NumpyArray()),
    ),
    ...['numpy.core.numeric._frombuffer', 'numpy._core.numeric._frombuffer'].map(
      (name) => new Callable(name, arrayFromBytes),
    ),
    new Callable('_codecs.encode', latin1, lengthOfFirst),
  ].map((value): [string, PickleValue] => [value.name, value]),
]);

/**
 * Packages whose values training scripts keep beside a network: their settings and callbacks. No tensor of a network
 * depends on them, so that each is read as an empty dict.
 */
const passedOver =
  /^(argparse|datetime|easydict|lightning|lightning_fabric|ml_collections|omegaconf|pathlib|pytorch_lightning|torch\.optim|typing|yacs)(\.|$)/;

/**
 * What `module.name` stands for.
 * @throws UserError that names what the file asks for, if a state dict has no need of it.
 */
export function findGlobal(module: string, name: string, file: string): PickleValue {
  const full = `${module}.${name}`;
  const value = allowed.get(full);
  if (value !== undefined) return value;
  if (passedOver.test(module)) return new Callable(full, emptyDict);
  throw new UserError(
    `${file} asks for ${printable(full)}, which no state dict needs: nothing of it was run, and the file is not ` +
      'read. Ask whoever made it for a file with model.state_dict() alone.',
  );
}

function lengthOfFirst([value]: readonly PickleValue[]): number {
  return typeof value === 'string' || Array.isArray(value) ? value.length : 0;
}

/** From nothing, or from a list of pairs. */
function orderedDict([pairs]: readonly PickleValue[]): PickleDict {
  const dict = new PickleDict();
  if (pairs === undefined) return dict;
  if (!Array.isArray(pairs)) throw new Error('was given something else than pairs');
  for (const pair of pairs) {
    const [key, value] = Array.isArray(pair) ? pair : pair instanceof Tuple ? pair.items : [];
    if (key === undefined || value === undefined) throw new Error('was given something else than pairs');
    dict.set(key, value);
  }
  return dict;
}

function torchSize([sizes]: readonly PickleValue[]): Tuple {
  if (!(sizes instanceof Tuple)) throw new Error('was given something else than a tuple');
  return sizes;
}

/** How Python 3 writes bytes for readers of Python 2. */
function latin1([text, encoding]: readonly PickleValue[]): Uint8Array {
  if (typeof text !== 'string' || encoding !== 'latin1')
    throw new Error('was given something else than text in latin1');
  return Buffer.from(text, 'latin1');
}
