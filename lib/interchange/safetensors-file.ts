import type { ByteSource } from '../core/byte-source';
import { printable } from '../core/byte-source';
import { UserError } from '../core/errors';
import { type NumberType, PickleDict, Storage, StorageType, TensorInFile } from '../core/pickle/values';
import { isCounts, safetensorsHeader } from '../core/safetensors';
import type { TorchFile } from './torch-format';

/** Types of numbers by the names that safetensors gives them, and their bytes. */
const types: Record<string, [NumberType, number]> = {
  ...{ F64: ['float64', 8], F32: ['float32', 4], F16: ['float16', 2], BF16: ['bfloat16', 2] },
  ...{ I64: ['other', 8], I32: ['other', 4], I16: ['other', 2], I8: ['other', 1], U8: ['other', 1] },
  ...{ U64: ['other', 8], U32: ['other', 4], U16: ['other', 2], BOOL: ['other', 1] },
};

/** Far more than the names and shapes of a network take. */
const longestHeader = 1 << 24;

/** Whether a file begins as a safetensors file does: the length of a JSON object, and the object. */
export function isSafetensors(source: ByteSource): boolean {
  if (source.size < 10) return false;
  const start = source.read(0, 9);
  return start.readBigUInt64LE(0) <= longestHeader && start[8] === '{'.charCodeAt(0);
}

/**
 * A safetensors file of a state dict, as `safetensors.torch.save_file` writes it.
 * @throws UserError that names the file and what is wrong with it.
 */
export function readSafetensorsFile(source: ByteSource): TorchFile {
  const length = 8 + Number(source.read(0, 8).readBigUInt64LE(0));
  const start = source.read(0, Math.min(length, source.size));
  const { metadata, entries, start: from } = safetensorsHeader(start, source.name, source.size);
  if (metadata.mnn !== undefined) {
    throw new UserError(
      `${source.name} was written by the kit and need not be imported: mnn evaluate ${source.name}`,
    );
  }
  const places = new Map<string, number>();
  const value = new PickleDict();
  for (const [name, entry] of Object.entries(entries)) {
    const { tensor, place } = tensorOf(name, entry, source);
    places.set(name, from + place);
    value.set(name, tensor);
  }
  const bytesOf = async ({ key, length: count, type }: Storage) =>
    source.read(places.get(key)!, count * type.bytesPerNumber);
  return { name: source.name, format: 'safetensors', value, bytesOf };
}

function tensorOf(name: string, entry: unknown, source: ByteSource): { tensor: TensorInFile; place: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const [numbers, bytes] = types[String(dtype)] ?? ['other', 1];
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new UserError(`${source.name} is damaged: its tensor ${printable(name)} has no shape or place.`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (numbers !== 'other' && offsets[1] - offsets[0] !== count * bytes) {
    throw new UserError(
      `${source.name} is damaged: its tensor ${printable(name)} has not the bytes of its shape.`,
    );
  }
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const storage = new Storage(new StorageType(String(dtype), numbers, bytes), name, count);
  return { tensor: new TensorInFile(storage, 0, shape, strides), place: offsets[0] };
}
