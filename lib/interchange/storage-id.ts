import { type PickleValue, Storage, StorageType, Tuple } from './pickle/values';

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
