import { type ByteSource, printable } from '../core/byte-source';
import { UserError } from '../core/errors';
import { PickleReader } from '../core/pickle/reader';
import { unpickle } from '../core/pickle/unpickle';
import { type PickleValue, Storage, StorageType, Tuple } from '../core/pickle/values';
import type { TorchFile } from './torch-format';

/** What such a file begins with. */
const magicNumber = 0x1950a86a20f9469cfc6cn;
const formatVersion = 1001;

/** Far more than a network's names and shapes take. */
const longestHead = 1 << 26;

/**
 * A file of PyTorch before 1.6: pickles of a magic number, a version, facts about the machine, the value and the
 * keys of its storages; then each storage, its length before it.
 */
export async function readLegacyFile(source: ByteSource): Promise<TorchFile> {
  const head = source.read(0, Math.min(source.size, longestHead));
  const reader = new PickleReader(head, source.name);
  const next = (): PickleValue => unpickle(reader, source.name, refusedId);
  if (next() !== magicNumber) {
    throw new UserError(`${source.name} is a pickle, but none that torch.save has written.`);
  }
  const version = next();
  if (version !== formatVersion) {
    const other = typeof version === 'number' ? version : 'of an unknown kind';
    throw new UserError(`${source.name} has version ${other} of PyTorch's old format, and 1001 is read.`);
  }
  next();
  const storages = new Map<string, Storage>();
  const value = unpickle(reader, source.name, (id) => {
    const storage = storageOf(id);
    const known = storages.get(storage.key) ?? storage;
    if (known.type !== storage.type || known.length !== storage.length) {
      throw new Error(`has another type or length for storage ${printable(storage.key)} than one before`);
    }
    storages.set(storage.key, known);
    return known;
  });
  const places = placesOf(source, next(), storages, reader);
  return {
    name: source.name,
    format: 'legacy',
    value,
    bytesOf: async (storage) => source.read(places.get(storage.key)!, bytesIn(storage)),
  };
}

/** Where each storage's numbers begin. */
function placesOf(
  source: ByteSource,
  keys: PickleValue,
  storages: Map<string, Storage>,
  reader: PickleReader,
): Map<string, number> {
  const places = new Map<string, number>();
  let position = reader.position;
  for (const key of Array.isArray(keys) ? keys : []) {
    const storage = storages.get(key as string);
    if (!storage || places.has(storage.key))
      throw reader.broken('its list of storages does not fit its tensors');
    const length = source.read(position, 8).readBigInt64LE();
    if (length !== BigInt(storage.length)) {
      throw new UserError(
        `${source.name} is damaged: storage ${printable(storage.key)} has ${length} numbers where ${storage.length} belong.`,
      );
    }
    places.set(storage.key, position + 8);
    position += 8 + bytesIn(storage);
  }
  if (places.size !== storages.size) throw reader.broken('its list of storages does not fit its tensors');
  if (position !== source.size) {
    throw new UserError(`${source.name} has ${source.size} bytes where its contents need ${position}.`);
  }
  return places;
}

function bytesIn({ length, type }: Storage): number {
  return length * type.bytesPerNumber;
}

function refusedId(): never {
  throw new Error('stands where PyTorch has none');
}

/**
 * The storage that a persistent id stands for: ('storage', type, key, device, length, ...).
 * @throws Error whose message completes "a persistent id ...".
 */
export function storageOf(id: PickleValue): Storage {
  const items = id instanceof Tuple ? id.items : [];
  const [kind, type, key, , length, view] = items;
  if (kind !== 'storage') throw new Error('stands for something else than a storage');
  if (!(type instanceof StorageType)) throw new Error('is of a storage without a known type');
  if (typeof key !== 'string') throw new Error('has no key');
  if (typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0)
    throw new Error('has no length');
  if (view !== undefined && view !== null)
    throw new Error('is of a part of a storage, which PyTorch no longer writes');
  return new Storage(type, key, length);
}
