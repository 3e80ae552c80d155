import assert from 'node:assert/strict';
import { Storage, StorageType, TensorInFile } from '../../lib/core/pickle/values';
import { randomStream } from '../../lib/core/random';
import { startEngine } from '../../lib/engine/engine';
import { tf } from '../../lib/engine/tf';
import { backboneShapes, countParameters } from '../../lib/interchange';
import {
  type BackboneChoice,
  checkNothingElse,
  chooseBackbone,
  type StateDict,
} from '../../lib/interchange/backbone-names';
import { guessMethods } from '../../lib/interchange/guess-method';
import { toHwio, toOihw } from '../../lib/interchange/layouts';
import { comparedMethods, createLearner } from '../../lib/methods';
import { ResNet18 } from '../../lib/models';
import { authorsName } from '../models/authors-names';
import { tinyConfig } from '../training/tiny-run';

const kind = new StorageType('torch.FloatStorage', 'float32', 4);

function stateDict(names: Iterable<string>, shape: number[] = []): StateDict {
  return new Map(
    [...names].map((name) => [name, new TensorInFile(new Storage(kind, name, 1), 0, shape, [])]),
  );
}

/** The backbone that is chosen of a file that is one state dict. */
const chosen = (tensors: StateDict, options?: BackboneChoice) =>
  chooseBackbone([{ key: '', tensors }], 'f', options).place;

const names = [...backboneShapes(1).keys()];
const under = (prefix: string) => names.map((name) => prefix + name);
const numbered = (prefix: string, maxPool = false) =>
  names.map((name) => authorsName(name, maxPool).replace('net.', prefix));

describe('Names of backbones', () => {
  before(() => startEngine({ engine: 'cpu' }));

  it("are the network's own, with its shapes in PyTorch's layout", () => {
    const network = new ResNet18(randomStream(1, 'init'), {
      width: 2,
      maxPool: false,
      bnSplits: 1,
      trainable: false,
    });
    const variables = new Map([...network.parameters(), ...network.buffers()]);
    const shapes = backboneShapes(2);
    assert.deepEqual([...shapes.keys()].sort(), [...variables.keys()].sort());
    for (const [name, shape] of shapes) {
      const ours = shape.length === 4 ? [shape[2], shape[3], shape[1], shape[0]] : shape;
      assert.deepEqual(variables.get(name)!.shape, ours, name);
    }
    const tensors = new Map(
      [...backboneShapes(64)].map(([name, shape]) => [name, new Float32Array(shape.reduce((a, b) => a * b))]),
    );
    assert.equal(countParameters({ model: { width: 64, maxPool: false }, tensors }), 11_168_832);
  });

  it("are found under any prefix, numbered or not, and tell of max pooling if they are the authors'", () => {
    for (const prefix of ['', 'module.', 'encoder_q.', 'module.backbone.']) {
      const place = chosen(stateDict(under(prefix)));
      assert.deepEqual([place.prefix, place.maxPool], [prefix, undefined]);
      assert.equal(place.nameOf('layer1.0.conv1.weight'), `${prefix}layer1.0.conv1.weight`);
    }
    for (const maxPool of [true, false]) {
      const heads = ['projection_head.layers.0.weight'];
      const place = chosen(stateDict([...numbered('net.net.', maxPool), ...heads]));
      assert.deepEqual([place.prefix, place.maxPool], ['net.net.', maxPool]);
      assert.equal(chosen(stateDict(numbered('net.net.', maxPool))).maxPool, undefined);
      assert.equal(place.nameOf('layer4.1.bn2.bias'), `net.net.${maxPool ? 7 : 6}.1.bn2.bias`);
    }
  });

  it("are those of transformers' ResNet", () => {
    const stage = 'resnet.encoder.stages.1.layers.0';
    const { prefix, nameOf } = chosen(
      stateDict(
        names.map((name) => {
          const [, number, block, rest] = /^layer(\d)\.(\d)\.(.*)$/.exec(name) ?? [];
          if (!number)
            return name
              .replace('conv1', 'resnet.embedder.embedder.convolution')
              .replace('bn1', 'resnet.embedder.embedder.normalization');
          const inside = rest
            .replace(/^downsample\.0/, 'shortcut.convolution')
            .replace(/^downsample\.1/, 'shortcut.normalization')
            .replace(/^conv(\d)/, (_, i) => `layer.${i - 1}.convolution`)
            .replace(/^bn(\d)/, (_, i) => `layer.${i - 1}.normalization`);
          return `resnet.encoder.stages.${Number(number) - 1}.layers.${block}.${inside}`;
        }),
      ),
    );
    assert.equal(prefix, 'resnet.');
    assert.equal(nameOf('bn1.running_var'), 'resnet.embedder.embedder.normalization.running_var');
    assert.equal(nameOf('layer2.0.bn2.bias'), `${stage}.layer.1.normalization.bias`);
    assert.equal(nameOf('layer2.0.downsample.0.weight'), `${stage}.shortcut.convolution.weight`);
  });

  it("are the student's where there is a teacher, unless another is asked for", () => {
    const both = stateDict([...numbered('net.net.'), ...numbered('backbone_momentum.net.')]);
    assert.equal(chosen(both).prefix, 'net.net.');
    assert.equal(chosen(both, { prefix: 'backbone_momentum.net' }).prefix, 'backbone_momentum.net.');
    const moco = stateDict([...under('encoder_q.'), ...under('encoder_k.')]);
    assert.equal(chosen(moco).prefix, 'encoder_q.');
  });

  it('are not guessed between two, or where a tensor is missing', () => {
    const two = stateDict([...under('a.'), ...under('b.')]);
    assert.throws(
      () => chosen(two),
      /more than one ResNet-18 that could be meant: a, b\. Name one with --key and --prefix/,
    );
    const partial = stateDict(under('net.').filter((name) => !name.endsWith('layer4.1.bn2.running_var')));
    assert.throws(
      () => chosen(partial),
      /without 1 of its 100 tensors: net\.layer4\.1\.bn2\.running_var\. They are the batch norms' running/,
    );
    const few = stateDict(under('net.').slice(0, 20));
    assert.throws(() => chosen(few), /begin with net\.conv1\.weight, but its other tensors are not all/);
    assert.throws(() => chosen(stateDict(['x'])), /f has no ResNet-18 that the kit knows.*1 tensors: x\.$/);
    assert.throws(() => chosen(stateDict([])), /no ResNet-18/);
  });

  it('are those of one that follows another where it is alone, and whole words alone say that it does', () => {
    for (const prefix of ['teacher.', 'momentum_encoder.', 'model_ema.module.']) {
      const place = chosen(stateDict(under(prefix)));
      assert.deepEqual([place.prefix, place.follows], [prefix, true]);
    }
    for (const prefix of ['semantic.', 'keypoints.', 'schema_net.']) {
      assert.equal(chosen(stateDict(under(prefix))).follows, false);
    }
    const two = stateDict([...under('teacher.'), ...under('ema.')]);
    assert.throws(() => chosen(two), /more than one ResNet-18/);
  });

  it("are those of a checkpoint's student, online network or model, whatever keys it has", () => {
    const net = (prefix = '') => stateDict(under(prefix));
    const of = (dicts: Record<string, StateDict>, options?: BackboneChoice) => {
      const states = Object.entries(dicts).map(([key, tensors], i) => ({
        key,
        // Each its own network: of other storages.
        tensors: new Map(
          [...tensors].map(([name, { shape }]) => [
            name,
            new TensorInFile(new Storage(kind, `${i}${name}`, 1), 0, shape, []),
          ]),
        ),
      }));
      const { state, place } = chooseBackbone(states, 'f', options);
      return [state.key, place.prefix];
    };
    assert.deepEqual(of({ student: net('module.backbone.'), teacher: net('backbone.') }), [
      'student',
      'module.backbone.',
    ]);
    const byol = { online_network_state_dict: net('encoder.'), target_network_state_dict: net('encoder.') };
    assert.deepEqual(of(byol), ['online_network_state_dict', 'encoder.']);
    assert.deepEqual(of(byol, { key: 'target_network_state_dict' }), [
      'target_network_state_dict',
      'encoder.',
    ]);
    assert.deepEqual(of({ state_dict: net(), state_dict_ema: net() }), ['state_dict', '']);
    const two = { a: net(), 'b.c': net() };
    assert.throws(
      () => of(two),
      /more than one ResNet-18 that could be meant: '' \(key a\), '' \(key b\.c\)\. Name one with --key/,
    );
    assert.deepEqual(of(two, { key: 'b.c' }), ['b.c', '']);
    assert.throws(() => of(two, { key: 'c' }), /f has no ResNet-18 under key 'c'\. It has: '' \(key a\)/);
  });

  it('of one network that is kept under two names are those of the first', () => {
    const [first, second] = [stateDict(under('model.')), under('backbone.')];
    const shared = new Map([
      ...first,
      ...[...first.values()].map((tensor, i) => [second[i], tensor] as const),
    ]);
    assert.equal(chosen(shared).prefix, 'model.');
  });

  it('are not those of a larger network, which has others among them', () => {
    const check = (all: string[]) => {
      const tensors = stateDict(all);
      checkNothingElse(tensors, chosen(tensors), 'some.pth');
    };
    const heads = [
      'fc.weight',
      'fc.bias',
      'net.fc.weight',
      'net.projection.0.weight',
      'net.bn1.num_batches_tracked',
    ];
    check([...under('net.'), ...heads]);
    check([...numbered('net.net.'), 'net.net.7.weight', 'net.net.1.num_batches_tracked', 'linear.weight']);
    check([...numbered('net.net.', true), 'net.net.8.weight']);
    const others = [
      ...[
        'layer1.2.conv1.weight',
        'conv1.bias',
        'layer1.0.conv1.bias',
        'layer1.0.se.fc1.weight',
        'layer5.0.weight',
      ],
    ];
    for (const other of others) {
      assert.throws(
        () => check([...under('net.'), `net.${other}`]),
        (error: Error) =>
          error.message.startsWith('some.pth holds another network than a ResNet-18') &&
          error.message.includes(`its net.${other} is none`),
        other,
      );
    }
    assert.throws(() => check([...numbered('net.net.'), 'net.net.3.2.conv1.weight']), /another network/);
    assert.throws(() => check([...numbered('net.net.', true), 'net.net.2.weight']), /another network/);
  });

  it('tell of no method where heads alone are called as the authors call them', () => {
    const heads = ['projection_head.layers.0.weight', 'prediction_head.layers.0.weight'];
    assert.deepEqual(guessMethods(stateDict([...under('encoder.'), ...heads], [8, 8])), []);
    assert.deepEqual(guessMethods(stateDict([...numbered('net.net.'), ...heads], [8, 8])), ['nnclr']);
  });

  it('have layouts that go there and back', () => {
    // [height, width, in, out] = [1, 2, 3, 2]
    const hwio = Float32Array.from({ length: 12 }, (_, i) => i);
    const oihw = toOihw(hwio, [1, 2, 3, 2]);
    assert.deepEqual([...oihw], [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]);
    assert.deepEqual(toHwio(oihw, [2, 3, 1, 2]), hwio);
  });

  for (const method of comparedMethods) {
    it(`and what stands beside them tell of ${method}`, () => {
      const dim = method === 'sce' ? 256 : 8;
      const learner = createLearner(tinyConfig(method, { model: { dim } }));
      const all = new Map([...learner.parameters(), ...learner.state()]);
      const tensors = new Map(
        [...all].map(([name, variable]) => {
          const shape = [...variable.shape].reverse();
          return [nameInAuthorsCode(name), new TensorInFile(new Storage(kind, '0', 1), 0, shape, [])];
        }),
      );
      assert.equal(chosen(tensors).prefix, 'net.net.');
      assert.ok(guessMethods(tensors).includes(method), guessMethods(tensors).join());
      assert.ok(guessMethods(tensors).length <= 3);
      tf.dispose([...all.values()]);
    });
  }
});

/** A tensor of a run of the kit's as the authors call it; see test/golden/e2e_baselines.json. */
function nameInAuthorsCode(name: string): string {
  const [teacher, rest] = name.startsWith('teacher.') ? ['_momentum', name.slice(8)] : ['', name];
  const [part, ...inner] = rest.split('.');
  const child = inner.join('.');
  if (part === 'backbone')
    return authorsName(child, false).replace('net', teacher ? 'backbone_momentum.net' : 'net.net');
  if (part === 'projection' || part === 'prediction') return `${part}_head${teacher}.${child}`;
  return `memory_bank.${rest}`;
}
