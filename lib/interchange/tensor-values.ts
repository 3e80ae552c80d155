import { printable } from '../core/byte-source';
import { UserError } from '../core/errors';
import type { NumberType, Storage, TensorInFile } from '../core/pickle/values';
import type { TorchFile } from './torch-format';

/**
 * The values of a tensor as float32, row after row. A tensor's strides need not be those of rows.
 * @throws UserError where its numbers are no floating-point numbers, are missing in the file, or are fewer than its
 * shape has, as those of a tensor that was expanded.
 */
export async function readTensor(file: TorchFile, name: string, tensor: TensorInFile): Promise<Float32Array> {
  const { storage, offset, shape, strides } = tensor;
  if (storage.type.numbers === 'other') {
    throw new UserError(
      `${file.name}: tensor ${printable(name)} is of ${storage.type.name}, and a network's numbers are floating-point.`,
    );
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (count > storage.length) {
    throw new UserError(
      `${file.name}: tensor ${printable(name)} has the shape [${shape}] for a storage of ${storage.length} numbers.`,
    );
  }
  const numbers = await numbersOf(file, storage, storage.type.numbers);
  const values = new Float32Array(count);
  const index = shape.map(() => 0);
  let place = offset;
  for (let i = 0; i < values.length; i++) {
    values[i] = numbers[place];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += strides[axis];
      if (++index[axis] < shape[axis]) break;
      place -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return values;
}

type ReadableType = Exclude<NumberType, 'other'>;

/** The numbers of each file's storage that was read last: tensors can be views of one. */
const lastRead = new WeakMap<TorchFile, { key: string; type: NumberType; numbers: Float32Array }>();

async function numbersOf(file: TorchFile, storage: Storage, type: ReadableType): Promise<Float32Array> {
  const last = lastRead.get(file);
  if (last?.key === storage.key && last.type === type && last.numbers.length === storage.length) {
    return last.numbers;
  }
  const numbers = toFloat32(await file.bytesOf(storage), type);
  lastRead.set(file, { key: storage.key, type, numbers });
  return numbers;
}

function toFloat32(bytes: Buffer, type: ReadableType): Float32Array {
  // A copy starts at a multiple of eight bytes.
  const { buffer } = new Uint8Array(bytes);
  switch (type) {
    case 'float32':
      return new Float32Array(buffer);
    case 'float64':
      return Float32Array.from(new Float64Array(buffer));
    case 'float16':
      return Float32Array.from(new Uint16Array(buffer), halfValue);
    case 'bfloat16':
      // The upper half of a float32.
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
  }
}

/** The value of an IEEE half-precision number. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
