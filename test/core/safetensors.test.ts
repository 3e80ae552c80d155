import assert from 'node:assert/strict';
import { UserError } from '../../lib/core/errors';
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from '../../lib/core/safetensors';

const tensors = new Map<string, StoredTensor>([
  ['weight', { dtype: 'F32', shape: [2, 3], values: Float32Array.of(0.1, -0, 1e-45, 3.4e38, -7, 1 / 3) }],
  ['labels', { dtype: 'I32', shape: [2], values: Int32Array.of(-1, 2147483647) }],
  ['scalar', { dtype: 'F32', shape: [], values: Float32Array.of(42) }],
  ['empty', { dtype: 'F32', shape: [0, 4], values: new Float32Array(0) }],
]);
const metadata = { what: 'a test', 'ümlaut "quoted"': 'ß\n' };
const whole = () => Buffer.concat(encodeSafetensors(tensors, metadata));

/** A file with any header at all, and 8 bytes of values. */
function withHeader(header: unknown): Buffer {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(8)]);
}

const tensor = (change: object) =>
  withHeader({ t: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...change } });

function refuses(bytes: Uint8Array, pattern: RegExp): void {
  assert.throws(
    () => decodeSafetensors(bytes, 'some/file.safetensors'),
    (error: Error) => {
      assert.ok(error instanceof UserError, error.stack);
      assert.match(error.message, /^some\/file\.safetensors is no whole safetensors file: /);
      assert.match(error.message, pattern);
      return true;
    },
  );
}

describe('safetensors files', () => {
  it('give back what was put in, bit for bit', () => {
    const back = decodeSafetensors(whole(), 'file');
    assert.deepEqual(back, { tensors, metadata });
    assert.ok(Object.is(back.tensors.get('weight')!.values[1], -0));
  });

  it('have the published layout: length, JSON, values from a multiple of 8 on', () => {
    const bytes = whole();
    const length = Number(bytes.readBigUInt64LE(0));
    assert.equal(length % 8, 0);
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    assert.deepEqual(header.__metadata__, metadata);
    assert.deepEqual(header.weight, { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] });
    assert.deepEqual(header.labels, { dtype: 'I32', shape: [2], data_offsets: [24, 32] });
    assert.equal(bytes.readFloatLE(8 + length), Math.fround(0.1));
    assert.equal(bytes.readInt32LE(8 + length + 24), -1);
    assert.equal(bytes.length, 8 + length + 36);
  });

  it('are read from the middle of a buffer, and without metadata', () => {
    const bytes = Buffer.concat([
      Buffer.alloc(3),
      withHeader({ t: { dtype: 'I32', shape: [1], data_offsets: [4, 8] } }),
    ]);
    const back = decodeSafetensors(bytes.subarray(3), 'file');
    assert.deepEqual(back.tensors.get('t'), { dtype: 'I32', shape: [1], values: Int32Array.of(0) });
    assert.deepEqual(back.metadata, {});
  });

  it('are refused when cut off, wherever that is', () => {
    const bytes = whole();
    for (let length = 0; length < bytes.length; length++) refuses(bytes.subarray(0, length), /./);
    refuses(bytes.subarray(0, 3), /it has 3 bytes, and its header alone needs 8/);
    refuses(bytes.subarray(0, 20), /header should have \d+ bytes and the file ends before/);
    refuses(bytes.subarray(0, bytes.length - 1), /tensor scalar ends at byte 36 of 35/);
  });

  it('are refused with a header that is none', () => {
    refuses(withHeader('{"t": '), /header is not JSON/);
    for (const header of ['null', '[]', '"text"', '7']) refuses(withHeader(header), /not a JSON object/);
    refuses(withHeader({ __metadata__: null }), /__metadata__ is not a JSON object/);
    refuses(withHeader({ __metadata__: { mnn: 7 } }), /__metadata__ holds something else than text/);
    const huge = whole();
    huge.writeBigUInt64LE(2n ** 63n, 0);
    refuses(huge, /file ends before/);
  });

  it('are refused with a tensor that is none', () => {
    assert.equal(decodeSafetensors(tensor({}), 'file').tensors.size, 1);
    refuses(withHeader({ t: null }), /tensor t has no type/);
    assert.throws(
      () => decodeSafetensors(tensor({ dtype: 'F64' }), 'file'),
      /file is no file of the kit: its tensor t has the type F64, and the kit writes F32 and I32 only/,
    );
    refuses(tensor({ shape: 'x' }), /tensor t has no shape or place/);
    refuses(tensor({ shape: [-2] }), /no shape or place/);
    refuses(tensor({ shape: [1.5] }), /no shape or place/);
    refuses(tensor({ data_offsets: [0] }), /no shape or place/);
    refuses(tensor({ data_offsets: undefined }), /no shape or place/);
    refuses(tensor({ shape: [3] }), /has 8 bytes where its shape \[3\] needs 12/);
    refuses(tensor({ data_offsets: [8, 0] }), /has -8 bytes/);
    refuses(tensor({ data_offsets: [8, 16] }), /ends at byte 16 of 8/);
    const place = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
    refuses(withHeader({ a: place, b: place }), /its tensors overlap/);
  });
});
