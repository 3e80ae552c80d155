import { UserError } from '../errors';
import type { NumberType, TensorInFile } from './pickle/values';
import { printable } from './printable';
import type { TorchFile } from './torch-file';

/**
 * The values of a tensor as float32, row after row. A tensor's strides need not be those of rows.
 * @throws UserError where its numbers are no floating-point numbers, or are missing in the file.
 */
export async function readTensor(file: TorchFile, name: string, tensor: TensorInFile): Promise<Float32Array> {
  const { storage, offset, shape, strides } = tensor;
  if (storage.type.numbers === 'other') {
    throw new UserError(
      `${file.name}: tensor ${printable(name)} is of ${storage.type.name}, and a network's numbers are floating-point.`,
    );
  }
  const numbers = toFloat32(await file.bytesOf(storage), storage.type.numbers);
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
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

function toFloat32(bytes: Buffer, type: Exclude<NumberType, 'other'>): Float32Array {
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
