import assert from 'node:assert/strict';
import { backboneShapes } from '../../lib/interchange';
import {
  PickleDict,
  type PickleValue,
  Storage,
  StorageType,
  TensorInFile,
} from '../../lib/interchange/pickle/values';
import { stateDictOf } from '../../lib/interchange/state-dict';

const storage = new Storage(new StorageType('torch.FloatStorage', 'float32', 4), '0', 1);
const tensor = new TensorInFile(storage, 0, [1], [1]);
const dict = (entries: Record<string, PickleValue>) => new PickleDict(Object.entries(entries));
const tensors = (...names: string[]) => dict(Object.fromEntries(names.map((name) => [name, tensor])));
const backbone = tensors(...backboneShapes(1).keys());

describe('The state dict in a checkpoint', () => {
  const found = (value: PickleValue) => stateDictOf(value, 'some.pth').tensors;

  it('is found bare, or under a usual name', () => {
    for (const value of [backbone, dict({ model: backbone }), dict({ state_dict: backbone, epoch: 7 })]) {
      assert.deepEqual([...found(value).keys()], [...backbone.keys()]);
    }
    assert.equal(stateDictOf(dict({ state_dict: backbone, epoch: 7 }), 'f').epoch, 7);
    assert.equal(stateDictOf(dict({ state_dict: backbone, epoch: tensor }), 'f').epoch, null);
  });

  it('is the one with a backbone where there are tensors in other places too', () => {
    for (const value of [
      dict({ epoch: 7, arch: 'resnet18', state_dict: backbone, best_acc1: tensor, optimizer: dict({}) }),
      dict({ model: backbone, epoch: tensor }),
      dict({ state_dict: backbone, model: tensors('w') }),
    ]) {
      assert.ok(found(value).has('layer1.0.conv1.weight'));
    }
  });

  it('is the one with the most tensors where none has a backbone', () => {
    assert.deepEqual([...found(dict({ x: tensor, model: tensors('a', 'b') })).keys()], ['a', 'b']);
  });

  it('is missed with what there is instead', () => {
    assert.throws(() => found(dict({ optimizer: dict({}) })), /no tensors where .* It has: optimizer\.$/);
    assert.throws(() => found(tensor), /some\.pth holds a single tensor and no state dict/);
    assert.throws(() => found(storage), /holds an object/);
  });
});
