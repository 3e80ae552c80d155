import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { ZipFile } from 'yazl';
import { bufferSource } from '../../lib/core/byte-source';
import { UserError } from '../../lib/core/errors';
import type { PickleDict, Storage, TensorInFile } from '../../lib/core/pickle/values';
import { backboneShapes, importBackbone, readTorchFile } from '../../lib/interchange';
import { readTensor } from '../../lib/interchange/tensor-values';
import { op, pickle, storage, tensor } from '../core/pickles';
import { failure } from '../training/tiny-run';
import { fixtureBytes } from './fixtures';

type Members = Record<string, Buffer>;

/** A zip archive like PyTorch's, with the members given. */
async function zip(members: Members, { compress = false } = {}): Promise<Buffer> {
  const file = new ZipFile();
  for (const [name, bytes] of Object.entries(members)) file.addBuffer(bytes, `archive/${name}`, { compress });
  file.end();
  const parts: Buffer[] = [];
  for await (const part of file.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const floats = (...values: number[]) => Buffer.from(Float32Array.from(values).buffer);
const length = (count: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(count));
  return bytes;
};
const magic = pickle(Buffer.from([0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]));
const numbers = floats(0, 1, 2, 3, 4, 5);
const oneTensor = pickle(op.dict(op.text('t'), tensor({ shape: [3, 2], strides: [1, 3] })));

/** A file in the old format; each of its parts can be another. */
const legacy = ({
  version = op.int(1001),
  value = oneTensor,
  keys = op.list(op.text('0')),
  data = Buffer.concat([length(6), numbers]),
}: {
  version?: Buffer;
  value?: Buffer;
  keys?: Buffer;
  data?: Buffer;
} = {}): Buffer => Buffer.concat([magic, pickle(version), pickle(op.dict()), value, pickle(keys), data]);

const read = (bytes: Buffer) => readTorchFile(bufferSource(bytes, 'some.pth'));

async function values(bytes: Buffer): Promise<number[]> {
  const file = await read(bytes);
  return [...(await readTensor(file, 't', (file.value as PickleDict).get('t') as TensorInFile))];
}

const refuses = (bytes: Buffer, pattern: RegExp) => failure(values(bytes), UserError, /^some\.pth/, pattern);

/** A list of two that are the one before, so often: written out it would fill any memory. */
function doublings(count: number): Buffer {
  const steps = Array.from({ length: count }, (_, i) => [
    0x30,
    0x5d,
    0x28,
    0x68,
    i,
    0x68,
    i,
    0x65,
    0x71,
    i + 1,
  ]);
  return Buffer.from([0x5d, 0x71, 0, ...steps.flat()]);
}

describe('Files of torch.save', () => {
  it('are read in both formats, whatever the strides', async () => {
    assert.deepEqual(
      await values(await zip({ 'data.pkl': oneTensor, 'data/0': numbers })),
      [0, 3, 1, 4, 2, 5],
    );
    assert.deepEqual(await values(legacy()), [0, 3, 1, 4, 2, 5]);
    const part = tensor({ offset: op.int(4), shape: [2], strides: [0] });
    assert.deepEqual(await values(legacy({ value: pickle(op.dict(op.text('t'), part)) })), [4, 4]);
  });

  it('are refused as zip archives with what is wrong', async () => {
    const whole = { 'data.pkl': oneTensor, 'data/0': numbers };
    await refuses(await zip({ 'data/0': numbers }), /it has no member data\.pkl/);
    await refuses(await zip({ 'data.pkl': oneTensor }), /it has no member data\/0/);
    await refuses(await zip({ ...whole, 'data/0': floats(1) }), /data\/0 has 4 bytes where 24 belong/);
    await refuses(await zip(whole, { compress: true }), /is compressed, which PyTorch never does/);
    await refuses(await zip({ ...whole, byteorder: Buffer.from('big') }), /big-endian byte order/);
    await refuses(await zip({ ...whole, 'constants.pkl': oneTensor }), /TorchScript program/);
    const flipped = await zip(whole);
    flipped[flipped.indexOf(numbers) + 4] ^= 1;
    await refuses(flipped, /data\/0 does not have its checksum/);
    const bytes = await zip(whole);
    await refuses(bytes.subarray(0, bytes.length - 30), /Either not a zip file, or file is truncated/);
  });

  it('are refused in the old format with what is wrong', async () => {
    await refuses(legacy().subarray(0, -1), /has \d+ bytes where its contents need \d+/);
    await refuses(Buffer.concat([legacy(), Buffer.from('x')]), /has \d+ bytes where its contents need \d+/);
    await refuses(legacy({ version: op.int(1000) }), /version 1000 of PyTorch's old format/);
    await refuses(legacy({ version: doublings(40) }), /version of an unknown kind/);
    await refuses(legacy({ keys: op.list() }), /list of storages does not fit/);
    await refuses(legacy({ keys: op.list(op.text('7')) }), /list of storages does not fit/);
    await refuses(
      legacy({ data: Buffer.concat([length(7), numbers]) }),
      /storage 0 has 7 numbers where 6 belong/,
    );
    const two = op.tuple(tensor(), tensor({ from: storage('0', 7) }));
    await refuses(legacy({ value: pickle(two) }), /another type or length for storage 0/);
    await refuses(pickle(op.int(3)), /a pickle, but none that torch\.save has written/);
    await refuses(Buffer.from('\x93NUMPY'), /neither a zip archive nor a pickle/);
    await refuses(Buffer.from('<!DOCTYPE html><html>'), /is a web page, .* Fetch the file again/);
    await refuses(
      Buffer.from('version https://git-lfs.github.com/spec/v1'),
      /pointer of Git LFS\. .*git lfs pull/,
    );
    await refuses(gzipSync('a'), /packed by gzip\. Unpack it with gunzip/);
    await refuses(Buffer.from('{"weight_map": {}}'), /is JSON\. Name the file that has the tensors/);
    await refuses(Buffer.from('PK'), /has 2 bytes/);
  });

  it('are refused where a network has whole numbers', async () => {
    const long = tensor({ from: storage('0', 6, op.global('torch', 'LongStorage')) });
    const file = legacy({
      value: pickle(op.dict(op.text('t'), long)),
      data: Buffer.concat([length(6), Buffer.alloc(48)]),
    });
    await refuses(file, /tensor t is of torch\.LongStorage/);
  });

  it('are read with tensors that were expanded, unless the network is made of them', async () => {
    const expanded = tensor({ shape: [2 ** 30, 2 ** 30], strides: [0, 0] });
    const beside = op.dict(op.text('x'), expanded, op.text('t'), tensor());
    assert.deepEqual(await values(legacy({ value: pickle(beside) })), [0, 1, 2, 3, 4, 5]);
    const file = legacy({ value: pickle(op.dict(op.text('t'), expanded)) });
    await refuses(file, /tensor t has the shape \[1073741824,1073741824\] for a storage of 6 numbers/);
  });

  it('are read once where tensors are views of one storage', async () => {
    const two = op.dict(op.text('t'), tensor(), op.text('u'), tensor({ shape: [2], strides: [1] }));
    const file = await read(await zip({ 'data.pkl': pickle(two), 'data/0': numbers }));
    let reads = 0;
    const bytesOf = (from: Storage) => {
      reads++;
      return file.bytesOf(from);
    };
    const counted = { ...file, bytesOf };
    const [t, u] = (['t', 'u'] as const).map((name) => (file.value as PickleDict).get(name) as TensorInFile);
    assert.deepEqual([...(await readTensor(counted, 't', t))], [0, 1, 2, 3, 4, 5]);
    assert.deepEqual([...(await readTensor(counted, 'u', u))], [0, 1]);
    assert.equal(reads, 1);
  });

  it('are refused with a network of nothing', async () => {
    const empty = tensor({ from: storage('0', 0), shape: [0], strides: [1] });
    const entries = [...backboneShapes(1).keys()].flatMap((name) => [op.text(name), empty]);
    const file = legacy({ value: pickle(op.dict(...entries)), data: length(0) });
    await failure(importBackbone(bufferSource(file, 'some.pth')), UserError, /ResNet-18 without channels/);
  });

  it('are refused cut off anywhere', async () => {
    for (const name of ['authors.pth', 'parallel-legacy.pth']) {
      const bytes = fixtureBytes(name);
      for (const share of [0, 0.01, 0.1, 0.5, 0.9, 0.999]) {
        const cut = bufferSource(bytes.subarray(0, Math.floor(share * bytes.length)), 'cut.pth');
        await failure(importBackbone(cut), UserError, /^cut\.pth/);
      }
    }
  });
});
