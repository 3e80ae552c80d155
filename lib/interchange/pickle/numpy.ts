import { NumpyType, type PickleValue, Tuple } from './values';

/** numpy.dtype('f8', ...). */
export function numpyType([code]: readonly PickleValue[]): NumpyType {
  if (typeof code !== 'string' || !['f8', 'f4', 'i8', 'i4', 'b1'].includes(code))
    throw new Error('names no type of numbers');
  return new NumpyType(code);
}

/** The state of a numpy.dtype: (version, byte order, ...). */
export function setByteOrder(type: NumpyType, state: PickleValue): void {
  const order = state instanceof Tuple ? state.items[1] : undefined;
  if (typeof order !== 'string') throw new Error('has no byte order');
  type.bigEndian = order === '>';
}

/** A single number: the type, and its bytes. */
export function numpyScalar([type, bytes]: readonly PickleValue[]): number {
  if (!(type instanceof NumpyType) || !(bytes instanceof Uint8Array))
    throw new Error('was given no type and bytes');
  const size = Number(type.code.slice(1));
  if (bytes.length !== size) throw new Error(`was given ${bytes.length} bytes for a number of ${size}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  const little = !type.bigEndian;
  switch (type.code) {
    case 'f8':
      return view.getFloat64(0, little);
    case 'f4':
      return view.getFloat32(0, little);
    case 'i8':
      return Number(view.getBigInt64(0, little));
    case 'i4':
      return view.getInt32(0, little);
    case 'b1':
      return view.getUint8(0);
    default:
      throw new Error(`has the type ${type.code}, which is not read`);
  }
}
