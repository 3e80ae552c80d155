import assert from 'node:assert/strict';
import { UserError } from '../../lib/core/errors';
import { PickleReader } from '../../lib/core/pickle/reader';
import { unpickle } from '../../lib/core/pickle/unpickle';
import {
  type NumpyArray,
  PickleDict,
  type PickleValue,
  TensorInFile,
  Tuple,
} from '../../lib/core/pickle/values';
import { storageOf } from '../../lib/interchange/torch-legacy';
import { op, pickle, storage, tensor } from './pickles';

const read = (bytes: Buffer): PickleValue =>
  unpickle(new PickleReader(bytes, 'some.pth'), 'some.pth', storageOf);

function refuses(bytes: Buffer, pattern: RegExp): void {
  assert.throws(
    () => read(bytes),
    (error: Error) => {
      assert.ok(error instanceof UserError, error.stack);
      assert.match(error.message, /^some\.pth /);
      assert.match(error.message, pattern);
      return true;
    },
  );
}

describe('The pickle reader', () => {
  it('reads the values that a checkpoint is made of', () => {
    const value = read(
      pickle(
        op.dict(
          ...[op.text('epoch'), op.int(199)],
          ...[op.text('ok'), Buffer.from([0x88])],
          ...[op.text('rate'), Buffer.from('G\x3f\xf8\0\0\0\0\0\0', 'latin1')],
          ...[
            op.text('big'),
            Buffer.from([0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]),
          ],
          ...[op.text('negative'), Buffer.from([0x8a, 1, 0xff])],
          ...[op.text('names'), op.list(op.text('ä'), op.none)],
          ...[op.text('tensor'), tensor({ shape: [3, 2], strides: [1, 3] })],
        ),
      ),
    ) as PickleDict;
    assert.equal(value.get('epoch'), 199);
    assert.equal(value.get('ok'), true);
    assert.equal(value.get('rate'), 1.5);
    assert.equal(value.get('big'), 0x1950a86a20f9469cfc6cn);
    assert.equal(value.get('negative'), -1);
    assert.deepEqual(value.get('names'), ['ä', null]);
    const there = value.get('tensor') as TensorInFile;
    assert.deepEqual([there.storage.key, there.shape, there.strides], ['0', [3, 2], [1, 3]]);
  });

  it('reads ordered dicts with their attributes, sizes, parameters and devices', () => {
    const dict = Buffer.concat([op.global('collections', 'OrderedDict'), op.tuple(), op.reduce]);
    const attributes = op.dict(op.text('_metadata'), op.none);
    assert.ok(read(pickle(dict, attributes, op.build)) instanceof PickleDict);
    const size = Buffer.concat([op.global('torch', 'Size'), op.tuple(op.tuple(op.int(2))), op.reduce]);
    assert.deepEqual(read(pickle(size)), new Tuple([2]));
    const parameter = [
      op.global('torch._utils', '_rebuild_parameter'),
      op.tuple(tensor(), op.none),
      op.reduce,
    ];
    assert.ok(read(pickle(...parameter)) instanceof TensorInFile);
    assert.equal(read(pickle(op.global('torch', 'device'), op.tuple(op.text('cuda')), op.reduce)), 'cuda');
  });

  it('reads counters and types of numbers, which schedules and scripts keep beside a network', () => {
    const counter = [op.global('collections', 'Counter'), op.tuple(op.dict(op.int(120), op.int(1)))];
    assert.deepEqual(read(pickle(...counter, op.reduce)), new PickleDict([['120', 1]]));
    assert.equal(read(pickle(op.global('torch', 'float32'))), 'torch.float32');
  });

  it("reads numpy's numbers, as the authors' learning rate is one", () => {
    const number = (type: string, bytes: string, order = '<') => {
      const state = op.tuple(op.int(3), op.text(order), op.none);
      return [
        op.global('numpy.core.multiarray', 'scalar'),
        op.tuple(
          Buffer.concat([op.global('numpy', 'dtype'), op.tuple(op.text(type)), op.reduce, state, op.build]),
          Buffer.concat([
            op.global('_codecs', 'encode'),
            op.tuple(op.text(bytes), op.text('latin1')),
            op.reduce,
          ]),
        ),
        op.reduce,
      ];
    };
    assert.equal(read(pickle(...number('f8', '\0\0\0\0\0\0\xf8\x3f'))), 1.5);
    assert.equal(read(pickle(...number('f8', '\x3f\xf8\0\0\0\0\0\0', '>'))), 1.5);
    assert.equal(read(pickle(...number('f4', '\0\0\xc0\x3f'))), 1.5);
    assert.equal(read(pickle(...number('i8', '\xc7\0\0\0\0\0\0\0'))), 199);
    refuses(pickle(...number('f8', '\0')), /was given 1 bytes for a number of 8/);
    refuses(pickle(...number('O8', '\0\0\0\0\0\0\0\0')), /numpy\.dtype names no type of numbers/);
  });

  it('refuses by its name whatever a state dict does not need, and runs nothing', () => {
    const command = op.tuple(op.text('touch /tmp/owned'));
    refuses(
      pickle(op.global('posix', 'system'), command, op.reduce),
      /asks for posix\.system, which no state dict/,
    );
    refuses(pickle(op.global('os', 'system'), command, op.reduce), /asks for os\.system/);
    refuses(pickle(op.stackGlobal('builtins', 'eval'), command, op.reduce), /asks for builtins\.eval/);
    refuses(pickle(op.global('__builtin__', 'exec'), command, op.newobj), /asks for __builtin__\.exec/);
    refuses(pickle(op.mark, op.text('id'), op.inst('subprocess', 'Popen')), /asks for subprocess\.Popen/);
    refuses(
      pickle(op.global('torch', '_utils._rebuild'), command, op.reduce),
      /asks for torch\._utils\._rebuild/,
    );
    refuses(pickle(op.global('__proto__', 'constructor')), /asks for __proto__\.constructor/);
    refuses(
      pickle(op.global('models.resnet', 'ResNet')),
      /models\.resnet\.ResNet.*model\.state_dict\(\) alone/,
    );
    refuses(pickle(op.global('a\x1b[2J', 'b'.repeat(500))), /asks for a\?\[2J\.b{20,80}\.\.\., which/);
  });

  it('refuses it also inside other values, persistent ids and states', () => {
    const evil = Buffer.concat([op.global('posix', 'system'), op.tuple(op.text('id')), op.reduce]);
    const dict = Buffer.concat([op.global('collections', 'OrderedDict'), op.tuple(), op.reduce]);
    refuses(pickle(op.dict(op.text('model'), op.list(op.tuple(evil)))), /posix\.system/);
    refuses(pickle(storage('0', 6, op.global('posix', 'system'))), /posix\.system/);
    refuses(pickle(tensor({ from: evil })), /posix\.system/);
    refuses(pickle(dict, op.dict(op.text('__reduce__'), evil), op.build), /posix\.system/);
    refuses(
      pickle(op.text('posix.system'), op.persistent),
      /persistent id stands for something else than a storage/,
    );
    refuses(
      pickle(op.text('posix.system'), op.tuple(), op.reduce),
      /something is to be called that cannot be/,
    );
    refuses(pickle(op.global('torch', 'FloatStorage'), op.tuple(), op.reduce), /called that cannot be/);
    refuses(pickle(op.list(), op.none, op.build), /a state that can have none/);
  });

  it("reads numpy's arrays, as the state of a generator is one", () => {
    const type = Buffer.concat([
      ...[op.global('numpy', 'dtype'), op.tuple(op.text('u4')), op.reduce],
      ...[op.tuple(op.int(3), op.text('<'), op.none), op.build],
    ]);
    const numbers = Buffer.concat([Buffer.from([0x43, 8]), Buffer.from(Uint32Array.of(7, 8).buffer)]);
    const made = [op.global('numpy.core.multiarray', '_reconstruct'), op.tuple(op.none), op.reduce];
    const state = (bytes: Buffer) =>
      op.tuple(op.int(1), op.tuple(op.int(2)), type, Buffer.from([0x89]), bytes);
    const array = read(pickle(...made, state(numbers), op.build)) as NumpyArray;
    assert.deepEqual([array.shape, array.type!.code, array.bytes[4]], [[2], 'u4', 8]);
    const protocol5 = [op.global('numpy._core.numeric', '_frombuffer')];
    const args = op.tuple(numbers, type, op.tuple(op.int(2)), op.text('C'));
    assert.deepEqual((read(pickle(...protocol5, args, op.reduce)) as NumpyArray).bytes, array.bytes);
    refuses(
      pickle(...made, state(Buffer.from([0x43, 1, 0])), op.build),
      /has 1 bytes where its shape needs 8/,
    );
  });

  it('passes over the settings and callbacks that training scripts keep beside a network', () => {
    for (const [module, name] of [
      ['argparse', 'Namespace'],
      ['omegaconf.dictconfig', 'DictConfig'],
      ['pytorch_lightning.callbacks.model_checkpoint', 'ModelCheckpoint'],
    ]) {
      const object = [
        op.global(module, name),
        op.tuple(),
        op.newobj,
        op.dict(op.text('lr'), op.int(1)),
        op.build,
      ];
      const dict = read(
        pickle(op.dict(op.text('args'), Buffer.concat(object), op.text('model'), tensor())),
      ) as PickleDict;
      assert.ok(dict.get('model') instanceof TensorInFile, module);
    }
    refuses(pickle(op.global('argparse2', 'Namespace')), /asks for argparse2\.Namespace/);
  });

  it('refuses operations that PyTorch does not write', () => {
    for (const code of [0x82, 0x92, 0x97, 0x6f, 0x50, 0x00]) {
      refuses(pickle(Buffer.from([code])), /operation 0x[0-9a-f]{2} is not one that PyTorch's files need/);
    }
    refuses(Buffer.concat([op.proto(6), op.none, op.stop]), /protocol 6, and those up to 5 are read/);
  });

  it('refuses tensors that reach beyond their storage', () => {
    assert.ok(read(pickle(tensor())) instanceof TensorInFile);
    refuses(pickle(tensor({ shape: [2, 4] })), /reaches number 6 of a storage of 6/);
    refuses(pickle(tensor({ strides: [4, 1] })), /reaches number 6 of a storage of 6/);
    refuses(pickle(tensor({ offset: op.int(1) })), /reaches number 6/);
    refuses(pickle(tensor({ offset: op.int(-1) })), /no offset/);
    refuses(pickle(tensor({ strides: [3] })), /shape and strides of different lengths/);
    refuses(pickle(tensor({ shape: [-2, 3] })), /no shape and strides/);
    refuses(pickle(tensor({ shape: Array(65).fill(1), strides: Array(65).fill(1) })), /no shape and strides/);
    refuses(pickle(tensor({ from: storage('0', -1) })), /persistent id has no length/);
  });

  it('refuses a broken pickle with what is wrong and where', () => {
    const whole = pickle(op.dict(op.text('epoch'), op.int(7)));
    for (let length = 0; length < whole.length; length++) refuses(whole.subarray(0, length), /broken pickle/);
    refuses(whole.subarray(0, 8), /ends where \d+ more bytes are needed \(byte \d+ of the pickle\)/);
    refuses(pickle(Buffer.from('h\x07')), /nothing was kept under 7/);
    refuses(pickle(Buffer.from('t')), /a mark is missing/);
    refuses(pickle(Buffer.from('a')), /a value is missing/);
    refuses(pickle(op.none, op.none), /2 values are left at its end/);
    refuses(pickle(op.none, op.text('x'), op.none, Buffer.from('s')), /put into a dict that is none/);
    refuses(pickle(Buffer.from('X\xff\xff\xff\xff', 'latin1')), /a string of 4294967295 bytes/);
    refuses(pickle(Buffer.from('Lx\n')), /a whole number that is none/);
    refuses(pickle(Buffer.from([0x8b, 0xff, 0xff, 0xff, 0x7f])), /a whole number of 2147483647 bytes/);
  });

  it('gives up on a pickle of endless values', () => {
    refuses(pickle(Buffer.alloc(1 << 19, '}')), /more than 262144 operations/);
  });

  it('gives up on a small pickle whose calls make values without end', () => {
    const keep = Buffer.from('q\0');
    const recalled = (callable: Buffer, count: number, after = '') => {
      const call = Buffer.concat([callable, Buffer.from('h\0\x85R', 'latin1'), Buffer.from(after)]);
      return Array.from({ length: count }, () => call);
    };
    const ordered = op.global('collections', 'OrderedDict');
    const pairs = (count: number, key: (i: number) => Buffer) =>
      Array.from({ length: count }, (_, i) => Buffer.concat([key(i), Buffer.from('N\x86', 'latin1')]));
    const distinct = op.list(...pairs(25_000, op.int));
    refuses(pickle(distinct, keep, ...recalled(ordered, 1000)), /the items that its calls make/);
    const equal = op.list(...pairs(60_000, () => Buffer.from('N')));
    refuses(pickle(equal, keep, ...recalled(ordered, 4000, '0')), /the items that its calls make/);
    const text = op.text('x'.repeat(1 << 16));
    const encode = Buffer.concat([op.global('_codecs', 'encode'), Buffer.from('h\0h\x01\x86R', 'latin1')]);
    const bytes = pickle(text, keep, op.text('latin1'), Buffer.from('q\x01'), ...Array(20_000).fill(encode));
    refuses(bytes, /the items that its calls make/);
  });

  it('keeps numbers as text where they are keys: their places in a Map can be made to meet', () => {
    const big = Buffer.concat([Buffer.from([0x8a, 16]), Buffer.alloc(15), Buffer.from([1])]);
    const dict = read(pickle(op.dict(op.int(7), op.none, big, op.none))) as PickleDict;
    assert.deepEqual([...dict.keys()], ['7', `${2n ** 120n}`]);
  });
});
