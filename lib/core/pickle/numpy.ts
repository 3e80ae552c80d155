import { NumpyArray, NumpyType, type PickleValue, Tuple } from './values';

/** numpy.dtype('f8', ...). */
export function numpyType([code]: readonly PickleValue[]): NumpyType {
  if (typeof code !== 'string' || !/^(f[248]|[iu][1248]|b1)$/.test(code))
    throw new Error('names no type of numbers');
  return new NumpyType(code);
}

/** The state of a numpy.dtype: (version, byte order, ...). */
export function setByteOrder(type: NumpyType, state: PickleValue): void {
  const order = state instanceof Tuple ? state.items[1] : undefined;
  if (typeof order !== 'string') throw new Error('has no byte order');
  type.bigEndian = order === '>';
}

/**
 * Gives an array its state: (version, shape, type, column by column, bytes).
 * @throws Error for an array of another number of bytes than its shape needs, or one column by column.
 */
export function setArray(array: NumpyArray, state: PickleValue): void {
  const [, shape, type, byColumns, bytes] = state instanceof Tuple ? state.items : [];
  fillArray(array, bytes, type, shape);
  if (byColumns === true && array.shape.length > 1) throw new Error('goes column by column');
}

/** numpy's way since protocol 5: (bytes, type, shape, order). */
export function arrayFromBytes([bytes, type, shape, order]: readonly PickleValue[]): NumpyArray {
  if (order !== 'C') throw new Error('goes column by column');
  const array = new NumpyArray();
  fillArray(array, bytes, type, shape);
  return array;
}

function fillArray(array: NumpyArray, ...[bytes, type, shape]: (PickleValue | undefined)[]): void {
  // Python 2 has text for bytes.
  const content = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
  if (!(type instanceof NumpyType) || !(shape instanceof Tuple) || !(content instanceof Uint8Array))
    throw new Error('was given no shape, type and bytes');
  const sizes = shape.items as number[];
  const count = sizes.reduce((product, size) => product * size, Number(type.code.slice(1)));
  if (!sizes.every((size) => Number.isSafeInteger(size) && size >= 0) || count !== content.length)
    throw new Error(`has ${content.length} bytes where its shape needs ${count}`);
  Object.assign(array, { shape: sizes, type, bytes: content });
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
