import assert from 'node:assert/strict';
import {
  PickleDict,
  type PickleValue,
  Storage,
  StorageType,
  TensorInFile,
  Tuple,
} from '../../lib/core/pickle/values';
import { backboneShapes } from '../../lib/interchange';
import { stateDictsOf } from '../../lib/interchange/state-dict';

const storage = new Storage(new StorageType('torch.FloatStorage', 'float32', 4), '0', 1);
const tensor = new TensorInFile(storage, 0, [1], [1]);
const dict = (entries: Record<string, PickleValue>) => new PickleDict(Object.entries(entries));
const tensors = (...names: string[]) => dict(Object.fromEntries(names.map((name) => [name, tensor])));
const backbone = tensors(...backboneShapes(1).keys());

describe('The state dicts in a checkpoint', () => {
  const found = (value: PickleValue) =>
    stateDictsOf(value, 'some.pth').states.map(({ key, tensors: all }) => [key, all.size]);

  it('are found bare, or under any key', () => {
    const { size } = backbone;
    assert.deepEqual(found(backbone), [['', size]]);
    assert.deepEqual(found(dict({ model: backbone, state_dict_ema: tensors('a') })), [
      ['model', size],
      ['state_dict_ema', 1],
    ]);
    assert.deepEqual(found(dict({ epoch: 7, state: dict({ student: backbone }) })), [
      ['state.student', size],
    ]);
    assert.deepEqual(found(dict({ model: backbone, epoch: tensor })), [
      ['', 1],
      ['model', size],
    ]);
    assert.equal(stateDictsOf(dict({ state_dict: backbone, epoch: 7 }), 'f').epoch, 7);
    assert.equal(stateDictsOf(dict({ state_dict: backbone, epoch: tensor }), 'f').epoch, null);
  });

  it('are found in lists and tuples too, by their places', () => {
    const { size } = backbone;
    assert.deepEqual(found(dict({ models: [backbone, tensors('a')] })), [
      ['models.0', size],
      ['models.1', 1],
    ]);
    assert.deepEqual(found([backbone, 3]), [['0', size]]);
    assert.deepEqual(found(new Tuple([new Tuple([dict({ net: backbone })]), null])), [['0.0.net', size]]);
    const loop: PickleValue[] = [backbone];
    loop.push(loop);
    assert.deepEqual(found(loop), [['0', size]]);
    assert.throws(() => found([1, [2], tensor]), /some\.pth holds a list and no state dict/);
  });

  it('are each found once, also in a dict that has itself in it', () => {
    const loop = dict({ model: backbone, again: backbone });
    loop.set('self', loop);
    assert.deepEqual(found(loop), [['model', backbone.size]]);
  });

  it('are missed with what there is instead', () => {
    assert.throws(
      () => found(dict({ optimizer: dict({}) })),
      /no tensors, also not in the dicts and lists in it\. It has: optimizer\.$/,
    );
    assert.throws(() => found(tensor), /some\.pth holds a single tensor and no state dict/);
    assert.throws(() => found(storage), /holds an object/);
  });
});
