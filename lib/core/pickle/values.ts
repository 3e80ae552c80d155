/** What a pickle of a state dict is made of, once it is read. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Tuple
  | PickleDict
  | StorageType
  | Storage
  | TensorInFile
  | NumpyType
  | NumpyArray
  | Callable;

/** A dict, OrderedDict or defaultdict. */
export class PickleDict extends Map<PickleValue, PickleValue> {
  /** Numbers become text: unlike a text's, their places in a Map are known, and a file could choose them all alike. */
  override set(key: PickleValue, value: PickleValue): this {
    return super.set(typeof key === 'number' || typeof key === 'bigint' ? String(key) : key, value);
  }
}

export class Tuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** Types of numbers that PyTorch stores; those of networks can be read, the others only be named. */
export type NumberType = 'float32' | 'float64' | 'float16' | 'bfloat16' | 'other';

/** One of PyTorch's classes of storages. */
export class StorageType {
  constructor(
    readonly name: string,
    readonly numbers: NumberType,
    readonly bytesPerNumber: number,
  ) {}
}

/** A stretch of numbers in the file, by the key under which the file has it. */
export class Storage {
  constructor(
    readonly type: StorageType,
    readonly key: string,
    /** Numbers in it. */
    readonly length: number,
  ) {}
}

/** A tensor whose numbers have not been read. It lies inside its storage. */
export class TensorInFile {
  constructor(
    readonly storage: Storage,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}

/** An array of numpy's: the state of a generator in a checkpoint, the pixels of CIFAR's Python version. */
export class NumpyArray {
  shape: readonly number[] = [];
  type: NumpyType | undefined;
  /** Row after row. */
  bytes: Uint8Array = new Uint8Array();
}

/** A number type of numpy's, for the learning rate that an optimizer's state can hold. */
export class NumpyType {
  bigEndian = false;
  constructor(readonly code: string) {}
}

/** A function or class that the file may ask for; the reader does its work itself. */
export class Callable {
  constructor(
    readonly name: string,
    /** @throws Error whose message completes "torch.Size ...". */
    readonly call: (args: readonly PickleValue[]) => PickleValue,
    /** How many items or bytes the call makes: the same argument can be given to any number of calls. */
    readonly cost: (args: readonly PickleValue[]) => number = () => 0,
  ) {}
}
