import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { encodeSafetensors, type StoredTensor } from '../../lib/core/safetensors';
import { extractFeatures } from '../../lib/evaluation';
import {
  backboneShapes,
  bufferSource,
  decodeBackbone,
  encodeBackbone,
  encodeOnnx,
  type Imported,
  type ImportOptions,
  importBackbone,
  networkOf,
  StemNotTold,
  withFile,
} from '../../lib/interchange';
import { describeEachEngine, expectClose } from '../engines';
import { type GoldenTensor, goldenBytes } from '../golden';
import { failure } from '../training/tiny-run';
import { fixturePath, pytorchFeatures } from './fixtures';

type Stem = { size: number; stride: number; padding: number; maxPool: boolean };

/** PyTorch's features of one network with several stems; made by test/tools/make_pth.py. */
const stems: (Stem & { features: GoldenTensor })[] = JSON.parse(
  readFileSync(fixturePath('stems.json'), 'utf8'),
);
const expectedOf = (wanted: Stem): GoldenTensor =>
  stems.find((stem) => (Object.keys(wanted) as (keyof Stem)[]).every((name) => stem[name] === wanted[name]))!
    .features;

const small = { size: 3, stride: 1, padding: 1, maxPool: false };
const padded = { ...small, padding: 2 };
const optionsOf = ({ stride, padding, maxPool }: Stem): ImportOptions => ({
  stemStride: stride,
  stemPadding: padding,
  maxPool,
});

const importState = (state: Map<string, StoredTensor>, options?: ImportOptions): Promise<Imported> =>
  importBackbone(bufferSource(Buffer.concat(encodeSafetensors(state, {})), 'some.safetensors'), options);

/** The network of the fixture under the names of other code, beside that code's heads. */
async function stateDict(nameOf: (name: string) => string, size = 3, ...heads: string[]) {
  const { tensors } = await withFile(fixturePath('torchvision-protocol4.pth'), (source) =>
    importBackbone(source, optionsOf(small)),
  );
  const state = new Map<string, StoredTensor>();
  for (const [name, shape] of backboneShapes(2, size)) {
    const values = tensors.get(name)!;
    const isStem = name === 'conv1.weight' && size !== 3;
    const other = Float32Array.from({ length: 6 * size * size }, (_, i) => Math.fround(Math.sin(i) / size));
    state.set(nameOf(name), { dtype: 'F32', shape, values: isStem ? other : values });
  }
  for (const head of heads) state.set(head, { dtype: 'F32', shape: [4, 16], values: new Float32Array(64) });
  return state;
}

/** `conv1`, `bn1`, `layer1`: as children numbered in order, with so many without tensors before the first stage. */
const numbered = (between: number) => (name: string) => {
  const [child, ...rest] = name.split('.');
  const stage = Number(/^layer(\d)$/.exec(child)?.[1] ?? 0);
  const number = stage > 0 ? stage + 1 + between : child === 'conv1' ? 0 : 1;
  return [number, ...rest].join('.');
};
const shortcut = (name: string) => name.replace('downsample', 'shortcut');

/** How people make a ResNet-18 for small images, and save it. */
const makers: { how: string; nameOf: (name: string) => string; stem: Stem; heads?: string[] }[] = [
  {
    how: 'solo-learn: padding 2, in a Lightning module with a projector and a momentum backbone',
    nameOf: (name) => `backbone.${name}`,
    stem: padded,
    heads: ['classifier.weight', 'projector.0.weight'],
  },
  {
    how: "lightly's ResNetGenerator: shortcuts, ReLU and pooling as functions",
    nameOf: (name) => `backbone.${numbered(0)(shortcut(name))}`,
    stem: small,
    heads: ['projection_head.layers.0.weight'],
  },
  {
    how: 'torchvision: Sequential of the children, maxpool an Identity',
    nameOf: (name) => `backbone.${numbered(2)(name)}`,
    stem: small,
  },
  {
    how: 'torchvision: Sequential of the children, maxpool kept',
    nameOf: (name) => `backbone.${numbered(2)(name)}`,
    stem: { ...small, maxPool: true },
  },
  {
    how: 'torchvision: Sequential of the children without maxpool',
    nameOf: (name) => `encoder.${numbered(1)(name)}`,
    stem: small,
  },
  {
    how: 'timm: conv1 and maxpool replaced',
    nameOf: (name) => `module.${name}`,
    stem: small,
    heads: ['module.fc.weight'],
  },
  {
    how: 'timm or torchvision with a stride of 2 and no pooling',
    nameOf: (name) => name,
    stem: { ...small, stride: 2 },
  },
  {
    how: 'torchvision as it is, 7x7',
    nameOf: (name) => name,
    stem: { size: 7, stride: 2, padding: 3, maxPool: true },
  },
  {
    how: 'a first convolution of 5x5',
    nameOf: (name) => name,
    stem: { size: 5, stride: 1, padding: 2, maxPool: false },
  },
  {
    how: 'pytorch-cifar: shortcuts, trained in parallel',
    nameOf: (name) => `module.${shortcut(name)}`,
    stem: small,
  },
];

describeEachEngine("A ResNet-18 that is not the authors' has PyTorch's features", () => {
  const { images, mean, std } = pytorchFeatures();
  const [count, size] = images.shape;
  for (const { how, nameOf, stem, heads = [] } of makers) {
    it(how, async () => {
      const imported = await importState(await stateDict(nameOf, stem.size, ...heads), optionsOf(stem));
      const kept = decodeBackbone(Buffer.concat(encodeBackbone(imported)), 'kept')!;
      assert.deepEqual(kept.model, imported.model);
      const { backbone, dispose } = networkOf(kept);
      const features = await extractFeatures(
        backbone,
        { count, size, pixels: goldenBytes(images) },
        { mean, std },
      );
      await expectClose(features, expectedOf(stem), 1e-5);
      features.dispose();
      dispose();
    });
  }
});

describe('How the first layers of a network are used', () => {
  it("is asked for unless the names are the authors': nothing is guessed", async () => {
    for (const { nameOf, stem, heads = [] } of makers) {
      const error = await failure(importState(await stateDict(nameOf, stem.size, ...heads)), StemNotTold);
      assert.match(
        error.message,
        /some\.safetensors has .* ResNet-18 of width 2 with a first convolution of/,
      );
      assert.deepEqual((error as StemNotTold).missing, ['stemStride', 'stemPadding', 'maxPool']);
      assert.match(error.message, /"stemPadding":2,"maxPool":false} is solo-learn's for CIFAR/);
    }
    const some = importState(await stateDict((name) => name), { maxPool: false, stemStride: 1 });
    assert.deepEqual(((await failure(some, StemNotTold)) as StemNotTold).missing, ['stemPadding']);
  });

  it('is told by the numbers of the children only with the heads of the authors beside them', async () => {
    const nameOf = (name: string) => `net.net.${numbered(2)(name)}`;
    await failure(importState(await stateDict(nameOf)), StemNotTold);
    const authors = await importState(await stateDict(nameOf, 3, 'projection_head.layers.0.weight'));
    assert.deepEqual([authors.model, authors.stemKnown], [{ width: 2, maxPool: true }, true]);
  });

  it('is kept in what is exported', async () => {
    const state = await stateDict((name) => name);
    const [one, two] = [
      await importState(state, optionsOf(small)),
      await importState(state, optionsOf(padded)),
    ];
    assert.deepEqual(two.model, { width: 2, maxPool: false, stem: { size: 3, stride: 1, padding: 2 } });
    assert.notDeepEqual(encodeOnnx(one), encodeOnnx(two));
    const [{ model }] = [decodeBackbone(Buffer.concat(encodeBackbone(two)), 'kept')!];
    assert.deepEqual(model, two.model);
  });

  it('does not matter for images of one channel, which are refused as such', async () => {
    const state = await stateDict((name) => name);
    state.set('conv1.weight', { dtype: 'F32', shape: [2, 1, 3, 3], values: new Float32Array(18) });
    await failure(
      importState(state, optionsOf(small)),
      Error,
      /takes images of 1 channel, and those here are RGB/,
    );
  });
});
