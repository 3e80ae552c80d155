import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { UserError } from './errors';

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
  const broken = brokenFile(file);
  const { metadata, entries, start } = safetensorsHeader(bytes, file);
  const tensors = new Map<string, StoredTensor>();
  let room = bytes.length - start;
  for (const [name, entry] of Object.entries(entries)) {
    checkType(entry, name, file);
    const tensor = readTensor(entry, bytes.subarray(start), (what) => broken(`tensor ${name} ${what}`));
    // Tensors that share bytes could fill any memory from a small file.
    room -= tensor.values.byteLength;
    if (room < 0) throw broken('its tensors overlap');
    tensors.set(name, tensor);
  }
  return { tensors, metadata };
}

/**
 * The header of a safetensors file: its metadata, what it says of each tensor, and the byte that the values start at.
 * @param bytes of the file, at least its header; @param size of the whole file.
 * @throws UserError that names the file and what is wrong with it.
 */
export function safetensorsHeader(
  bytes: Uint8Array,
  file: string,
  size: number = bytes.length,
): { metadata: Record<string, string>; entries: Record<string, unknown>; start: number } {
  const broken = brokenFile(file);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = headerEnd(view, size, broken);
  return { ...parseHeader(view.toString('utf8', 8, start), broken), start };
}

/**
 * What a safetensors file says of itself, without reading its tensors; whether they are all there is checked by
 * the file's length alone.
 * @throws UserError that names the file and what is wrong with it.
 */
export function readSafetensorsMetadata(file: string): Record<string, string> {
  const broken = brokenFile(file);
  const handle = openSync(file, 'r');
  try {
    const { size } = fstatSync(handle);
    const length = Buffer.alloc(8);
    const start = headerEnd(length.subarray(0, readSync(handle, length)), size, broken);
    const header = Buffer.alloc(start - 8);
    readSync(handle, header, 0, header.length, 8);
    const { metadata, entries } = parseHeader(header.toString('utf8'), broken);
    const ends = Object.values(entries).map((entry) => Number((entry as Entry)?.data_offsets?.[1] ?? 0));
    const whole = ends.reduce((most, end) => Math.max(most, start + end), start);
    if (whole !== size) throw broken(`it has ${size} bytes of ${whole}`);
    return metadata;
  } finally {
    closeSync(handle);
  }
}

/** The bytes of a file. @throws UserError that names it and the system's reason; it must be smaller than 2 GiB. */
export function readWhole(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ERR_FS_FILE_TOO_LARGE' ? 'it has 2 GiB or more, and no network has' : code;
    throw new UserError(`Cannot read ${file} (${reason ?? message}). Check the path.`);
  }
}

/** What a file's metadata hold as JSON, or undefined where that is none. */
export function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

type Entry = { data_offsets?: unknown[] } | null;

function brokenFile(file: string): (what: string) => UserError {
  return (what) => new UserError(`${file} is no whole safetensors file: ${what}.`);
}

/** Where the header ends, from the first bytes of a file of so many bytes. */
function headerEnd(bytes: Buffer, size: number, broken: (what: string) => UserError): number {
  if (bytes.length < 8) throw broken(`it has ${bytes.length} bytes, and its header alone needs 8`);
  const length = Number(bytes.readBigUInt64LE(0));
  if (8 + length > size) throw broken(`its header should have ${length} bytes and the file ends before`);
  return 8 + length;
}

function parseHeader(
  text: string,
  broken: (what: string) => UserError,
): { metadata: Record<string, string>; entries: Record<string, unknown> } {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    throw broken('its header is not JSON');
  }
  if (!isObject(header)) throw broken('its header is not a JSON object');
  const { __metadata__: metadata = {}, ...entries } = header;
  if (!isObject(metadata)) throw broken('its __metadata__ is not a JSON object');
  if (!Object.values(metadata).every((value) => typeof value === 'string'))
    throw broken('its __metadata__ holds something else than text');
  return { metadata: metadata as Record<string, string>, entries };
}

function readTensor(entry: unknown, data: Uint8Array, broken: (what: string) => UserError): StoredTensor {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) throw broken('has no shape or place');
  const [from, to] = offsets;
  const length = shape.reduce((product, size) => product * size, bytesPerValue);
  if (to - from !== length) throw broken(`has ${to - from} bytes where its shape [${shape}] needs ${length}`);
  if (to > data.length) throw broken(`ends at byte ${to} of ${data.length}`);
  // Not `slice`: that of a Buffer is no copy.
  const copy = new Uint8Array(data.subarray(from, to)).buffer;
  return dtype === 'F32'
    ? { dtype, shape, values: new Float32Array(copy) }
    : { dtype: 'I32', shape, values: new Int32Array(copy) };
}

/** The kit writes two types only; a file with others is whole all the same. */
function checkType(entry: unknown, name: string, file: string): void {
  const { dtype } = (entry ?? {}) as Record<string, unknown>;
  if (typeof dtype !== 'string') throw brokenFile(file)(`tensor ${name} has no type`);
  if (dtype === 'F32' || dtype === 'I32') return;
  throw new UserError(
    `${file} is no file of the kit: its tensor ${name} has the type ${dtype}, and the kit writes F32 and I32 only.`,
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

/** The values' own bytes. */
export function bytesOf(values: Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
