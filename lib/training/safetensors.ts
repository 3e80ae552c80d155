import { UserError } from '../errors';

/** A named tensor in a safetensors file. */
export interface StoredTensor {
  dtype: 'F32' | 'I32';
  shape: number[];
  values: Float32Array | Int32Array;
}

const bytesPerValue = 4;

/**
 * The parts of a safetensors file, in order: length of the header, header, and the tensors' values, little
 * endian. Format: github.com/huggingface/safetensors.
 */
export function encodeSafetensors(
  tensors: Map<string, StoredTensor>,
  metadata: Record<string, string>,
): Uint8Array[] {
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const [name, { dtype, shape, values }] of tensors) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  // Values start at a multiple of 8 bytes; the header may end in spaces.
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, ' ')]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const values = [...tensors.values()].map(({ values }) => bytesOf(values));
  return [length, padded, ...values];
}

/**
 * Reads a safetensors file with float32 and int32 tensors.
 * @throws UserError that names the file and what is wrong with it.
 */
export function decodeSafetensors(
  bytes: Uint8Array,
  file: string,
): { tensors: Map<string, StoredTensor>; metadata: Record<string, string> } {
  const broken = (what: string) => new UserError(`${file} is no whole safetensors file: ${what}.`);
  if (bytes.length < 8) throw broken(`it has ${bytes.length} bytes, and its header alone needs 8`);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.readBigUInt64LE(0));
  const start = 8 + headerLength;
  if (start > bytes.length)
    throw broken(`its header should have ${headerLength} bytes and the file ends before`);
  let header: unknown;
  try {
    header = JSON.parse(view.toString('utf8', 8, start));
  } catch {
    throw broken('its header is not JSON');
  }
  if (!isObject(header)) throw broken('its header is not a JSON object');
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isObject(metadata)) throw broken('its __metadata__ is not a JSON object');
  if (!Object.values(metadata).every((value) => typeof value === 'string'))
    throw broken('its __metadata__ holds something else than text');
  const tensors = new Map<string, StoredTensor>();
  let room = bytes.length - start;
  for (const [name, entry] of Object.entries(entries)) {
    const tensor = readTensor(entry, bytes.subarray(start), (what) => broken(`tensor ${name} ${what}`));
    // Tensors that share bytes could fill any memory from a small file.
    room -= tensor.values.byteLength;
    if (room < 0) throw broken('its tensors overlap');
    tensors.set(name, tensor);
  }
  return { tensors, metadata: metadata as Record<string, string> };
}

function readTensor(entry: unknown, data: Uint8Array, broken: (what: string) => UserError): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (dtype !== 'F32' && dtype !== 'I32')
    throw broken(`has the type ${dtype}, and only F32 and I32 are read`);
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) throw broken('has no shape or place');
  const [from, to] = offsets;
  const length = shape.reduce((product, size) => product * size, bytesPerValue);
  if (to - from !== length) throw broken(`has ${to - from} bytes where its shape [${shape}] needs ${length}`);
  if (to > data.length) throw broken(`ends at byte ${to} of ${data.length}`);
  // Not `slice`: that of a Buffer is no copy.
  const copy = new Uint8Array(data.subarray(from, to)).buffer;
  return { dtype, shape, values: dtype === 'F32' ? new Float32Array(copy) : new Int32Array(copy) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function bytesOf(values: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
