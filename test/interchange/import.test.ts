import assert from 'node:assert/strict';
import { join } from 'node:path';
import { printable, withFile } from '../../lib/core/byte-source';
import { UserError } from '../../lib/core/errors';
import { encodeSafetensors } from '../../lib/core/safetensors';
import { tf } from '../../lib/engine/tf';
import { extractFeatures } from '../../lib/evaluation';
import {
  decodeBackbone,
  encodeBackbone,
  type ImportOptions,
  importBackbone,
  networkOf,
  readBackbone,
  type TracedBackbone,
  writeBackbone,
} from '../../lib/interchange';
import { checkValues } from '../../lib/interchange/backbone';
import { nameOfFile } from '../../lib/results/origin';
import { temporaryFolder } from '../data/temporary-folder';
import { describeEachEngine, expectClose } from '../engines';
import { type GoldenTensor, goldenBytes } from '../golden';
import { failure } from '../training/tiny-run';
import { fixturePath, pytorchFeatures } from './fixtures';

/** The stem of the fixtures that do not tell it. */
const plain = { stemStride: 1, stemPadding: 1, maxPool: false };

const importFile = (name: string, options: ImportOptions = {}) =>
  withFile(fixturePath(name), (source) => importBackbone(source, options));

const known = pytorchFeatures();

async function expectFeatures(network: TracedBackbone, expected: GoldenTensor): Promise<void> {
  const { images: golden, mean, std } = known;
  const [count, size] = golden.shape;
  const { numTensors } = tf.memory();
  const { backbone, dispose } = networkOf(network);
  const images = { count, size, pixels: goldenBytes(golden) };
  const features = await extractFeatures(backbone, images, { mean, std });
  // Within 1e-5 of the largest feature, which is ten times as near as it has to be.
  await expectClose(features, expected, 1e-5);
  features.dispose();
  dispose();
  assert.equal(tf.memory().numTensors, numTensors);
}

describeEachEngine('A network out of a file of PyTorch', () => {
  const folder = temporaryFolder();

  for (const [name, { features, teacher }] of Object.entries(known.files)) {
    it(`has the features that PyTorch computes: ${name}`, async () => {
      await expectFeatures(await importFile(name, teacher ? {} : plain), features);
      if (teacher) {
        const { prefix } = (await importFile(name)).origin;
        const other = prefix.replace('net.net.', 'backbone_momentum.net');
        await expectFeatures(await importFile(name, { prefix: other }), teacher);
      }
    });
  }

  it('keeps them in a file of its own, and with them where it came from', async () => {
    const imported = await importFile('authors.pth');
    const path = join(folder(), 'some', 'backbone.safetensors');
    writeBackbone(path, imported);
    const back = readBackbone(path)!;
    assert.deepEqual(back.origin, imported.origin);
    await expectFeatures(back, known.files['authors.pth'].features);
  });
});

describe('Importing from PyTorch', () => {
  it("finds the student in the authors' checkpoints, and says what else there is", async () => {
    const { model, origin } = await importFile('authors.pth');
    assert.deepEqual(model, { width: 2, maxPool: false });
    const { sha256, unused, ...rest } = origin;
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual(rest, {
      kind: 'pytorch',
      file: 'authors.pth',
      format: 'zip',
      epoch: 199,
      key: 'model',
      prefix: 'net.net.',
      methods: ['mnn', 'msf', 'cmsf'],
    });
    assert.deepEqual(unused, {
      backbone_momentum: 120,
      projection_head: 8,
      projection_head_momentum: 8,
      prediction_head: 8,
      memory_bank: 1,
    });
  });

  it('reads the old format, networks with max pooling, and names of parallel training', async () => {
    const { model, origin, stemKnown } = await importFile('parallel-legacy.pth');
    assert.deepEqual(model, { width: 2, maxPool: true });
    assert.ok(stemKnown);
    assert.deepEqual([origin.format, origin.prefix, origin.epoch], ['legacy', 'module.net.net.', null]);
    assert.equal(origin.unused['module.memory_bank'], 1);
  });

  it("takes torchvision's names, which do not tell of the stem", async () => {
    const network = await importFile('torchvision-protocol4.pth', plain);
    assert.deepEqual([network.model.maxPool, network.stemKnown, network.origin.prefix], [false, false, '']);
    assert.deepEqual(network.origin.methods, []);
    const pooled = await importFile('torchvision-protocol4.pth', { ...plain, maxPool: true });
    assert.equal(pooled.model.maxPool, true);
  });

  it('refuses max pooling where the names tell that there is none, or the other way round', async () => {
    await failure(
      importFile('authors.pth', { maxPool: true }),
      UserError,
      /authors\.pth has a network of the authors', without max pooling.*leave maxPool out/,
    );
    await failure(importFile('parallel-legacy.pth', { maxPool: false }), UserError, /with max pooling/);
    assert.equal((await importFile('parallel-legacy.pth', { maxPool: true })).model.maxPool, true);
  });

  it('keeps no more of a path than the name of the file, without what a terminal would obey', () => {
    assert.equal(nameOfFile('/a/b\\c\x1b[2J.pth'), 'b_c_[2J.pth');
    assert.equal(nameOfFile('/'), 'unnamed');
    assert.equal(nameOfFile('/a/b/..'), 'a');
  });

  it('prints names in any script, and nothing that a terminal would obey or that hides letters', () => {
    for (const name of ['名前.pth', 'модель.pth', 'مدل\u200cها.pth', 'réseau (1).pth'])
      assert.equal(printable(name), name);
    assert.equal(printable('a\x1b[2J\u202egnp.exe\n\u2028\ue000'), 'a?[2J?gnp.exe???');
    assert.equal(printable('猫'.repeat(90)), `${'猫'.repeat(80)}...`);
  });

  it('reads no file whose origin is a path to somewhere else', async () => {
    const imported = await importFile('authors.pth');
    for (const file of ['../../x', '..', '.', '', '/etc/x', 'a\\b', 'a\x1b[2J', 'a\n']) {
      const other = { ...imported, origin: { ...imported.origin, file } };
      const bytes = Buffer.concat(encodeBackbone(other));
      assert.throws(() => decodeBackbone(bytes, 'x.safetensors'), /x\.safetensors is no network.*/s, file);
    }
  });

  it('is what a safetensors file of PyTorch needs before an evaluation, which says so', async () => {
    const state = new Map([
      ['fc.weight', { dtype: 'F32' as const, shape: [1], values: new Float32Array(1) }],
    ]);
    const bytes = Buffer.concat(encodeSafetensors(state, { format: 'pt' }));
    // A counter, as batch norms have: of a type that the kit does not write.
    const text = bytes
      .toString('latin1')
      .replace('"F32"', '"I64"')
      .replace('"data_offsets":[0,4]', '"data_offsets":[0,8]');
    const counter = Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(4)]);
    for (const file of [bytes, counter]) {
      assert.throws(
        () => decodeBackbone(file, 'some.safetensors'),
        /some\.safetensors was not written by the kit\. Import it first: mnn import some\.safetensors$/,
      );
    }
  });

  it('refuses a prefix that is not there, and a file that cannot be opened', async () => {
    await failure(
      importFile('authors.pth', { prefix: 'encoder' }),
      UserError,
      /authors\.pth has no ResNet-18 under prefix 'encoder'\. It has: net\.net \(key model\), backbone_momentum\.net \(key model\)\./,
    );
    await failure(importFile('no.pth'), UserError, /Cannot read .*no\.pth \(ENOENT\)/);
    await failure(importFile('.'), UserError, /is no file/);
  });

  it('refuses a network that training has ruined', () => {
    const ruined = {
      model: { width: 1, maxPool: false },
      tensors: new Map([['bn1.bias', Float32Array.of(1, Number.NaN)]]),
    };
    assert.throws(
      () => checkValues(ruined, 'ruined.pth'),
      /ruined\.pth: tensor bn1\.bias holds values that are no finite/,
    );
    const negative = { ...ruined, tensors: new Map([['bn1.running_var', Float32Array.of(1, -1)]]) };
    assert.throws(() => checkValues(negative, 'f'), /f: tensor bn1\.running_var holds variances below zero/);
  });
});
