import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Transformer } from '@napi-rs/image';
import { settingsOf } from '../../lib/cli/options';
import { readCifar10, readCifar100, readStl10, readTinyImagenet } from '../../lib/data';
import { readManifest } from '../../lib/data/manifest';
import { UserError } from '../../lib/errors';
import { serializeNotebook } from '../../lib/notebook/format';
import { setParameters } from '../../lib/notebook/parameters';
import { readNotebook } from '../../lib/notebook/run';
import { projectRoot } from '../../lib/package-root';
import { comparisonTable, formatTable, loadRecord, readPublished } from '../../lib/results';
import { runLockHolder } from '../../lib/run-lock';
import { parseRunConfig, presetConfig, readCheckpoint } from '../../lib/training';
import { readCheckpointHeader } from '../../lib/training/checkpoint';
import {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensorsMetadata,
} from '../../lib/training/safetensors';
import { sampleConfig, sampleRecord } from '../results/sample-record';

/** Something that reads files of users. */
export interface Reader {
  /** Its files, by their paths in a folder of its own, whole. */
  files: () => Promise<Record<string, Buffer>> | Record<string, Buffer>;
  read: (folder: string) => unknown;
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value, null, 1));
const filled = (count: number, bytes: number, first: (i: number) => number[]) =>
  Buffer.concat(
    Array.from({ length: count }, (_, i) => {
      const record = Buffer.alloc(bytes, i);
      record.set(first(i));
      return record;
    }),
  );
const only = (name: string, bytes: Buffer, read: (file: string) => unknown): Reader => ({
  files: () => ({ [name]: bytes }),
  read: (folder) => read(join(folder, name)),
});

const manifest = {
  dataset: 'cifar10',
  source: 'cifar-10-binary.tar.gz',
  officialArchive: true,
  members: [
    { name: 'data_batch_1.bin', bytes: 3 * 3073, md5: 'ab' },
    { name: 'test_batch.bin', bytes: 2 * 3073, md5: 'cd' },
  ],
};

const progress = {
  ...{ step: 4, lossSum: 0, puritySum: 0, epochSteps: 0, epochSeconds: [1], seconds: 0, resumed: 0 },
  curves: [{ epoch: 1, step: 4, lr: 0.1, loss: 3, purity: 0.5, knnTop1: 12 }],
  startedAt: '2026-01-01T00:00:00.000Z',
};
const header = {
  ...{ version: 1, datasetChecksum: 'ab', engine: 'wasm', counters: { bank: 3 } },
  config: sampleConfig(),
  progress,
};
const tensors = new Map([
  ['weight', { dtype: 'F32' as const, shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }],
  ['labels', { dtype: 'I32' as const, shape: [4], values: Int32Array.of(-1, 0, 1, 2) }],
]);
const safetensors = Buffer.concat(encodeSafetensors(tensors, { mnn: JSON.stringify(header), sha256: 'ab' }));
const headerText = safetensors.subarray(8, 8 + Number(safetensors.readBigUInt64LE()));

/** A safetensors file with another header, whose length is right. */
function withHeader(text: Buffer): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, safetensors.subarray(8 + headerText.length)]);
}

const notebook = {
  cells: [
    { cell_type: 'markdown', id: 'a', metadata: {}, source: ['# Title\n', 'text'] },
    {
      cell_type: 'code',
      id: 'b',
      metadata: { tags: ['parameters'] },
      source: 'const seed = 1;',
      outputs: [],
    },
    {
      ...{ cell_type: 'code', id: 'c', metadata: {}, source: ['seed'], execution_count: 1 },
      outputs: [
        { output_type: 'stream', name: 'stdout', text: ['1\n'] },
        { output_type: 'display_data', data: { 'text/plain': ['1'] }, metadata: {} },
        { output_type: 'error', ename: 'E', evalue: 'v', traceback: ['E: v'] },
      ],
    },
  ],
  ...{ metadata: { kernelspec: { name: 'tslab' } }, nbformat: 4, nbformat_minor: 5 },
};

async function tinyImagenetFiles(): Promise<Record<string, Buffer>> {
  const rgba = Uint8Array.from({ length: 64 * 64 * 4 }, (_, i) => (i % 4 === 3 ? 255 : (i * 7) % 256));
  const picture = await Transformer.fromRgbaPixels(rgba, 64, 64).jpeg(80);
  const folder = 'tiny-imagenet-200';
  return {
    [`${folder}/wnids.txt`]: Buffer.from('n01\n'),
    [`${folder}/words.txt`]: Buffer.from('n01\tgoldfish, Carassius auratus\n'),
    [`${folder}/train/n01/images/n01_0.JPEG`]: picture,
    [`${folder}/val/images/val_0.JPEG`]: picture,
    [`${folder}/val/val_annotations.txt`]: Buffer.from('val_0.JPEG\tn01\t0\t0\t62\t62\n'),
  };
}

const holder = {
  ...{ id: '6c84fb90-12c4-11e1-840d-7b25c5ee775a', host: 'far', processes: 'far', pid: 1, processStart: '1' },
  since: '2026-01-01T00:00:00.000Z',
};

/** Everything that reads what a user may have damaged. */
export const readers: Record<string, Reader> = {
  'run records': only('record.json', json(sampleRecord()), (file) =>
    formatTable(comparisonTable([loadRecord(file)]), 'text'),
  ),
  'published numbers': only(
    'published.json',
    readFileSync(join(projectRoot, 'results', 'published.json')),
    readPublished,
  ),
  checkpoints: only('checkpoint.safetensors', safetensors, readCheckpoint),
  'checkpoint headers': only('header.json', headerText, (file) => {
    const path = `${file}.safetensors`;
    writeFileSync(path, withHeader(readFileSync(file)));
    return readCheckpointHeader(path);
  }),
  safetensors: only('weights.safetensors', safetensors, (file) => {
    decodeSafetensors(readFileSync(file), file);
    return readSafetensorsMetadata(file);
  }),
  'safetensors headers': only('header.json', headerText, (file) =>
    decodeSafetensors(withHeader(readFileSync(file)), file),
  ),
  locks: only('run.lock/none.json', json(holder), (file) => runLockHolder(dirname(dirname(file)))),
  manifests: only('manifest.json', json(manifest), (file) => readManifest(dirname(file))),
  notebooks: only('notebook.ipynb', json(notebook), (file) =>
    serializeNotebook(setParameters(readNotebook(file), { seed: 2 }, file)),
  ),
  'run configurations': only('config.json', json(sampleConfig()), (file) => {
    const value = parsed(readFileSync(file, 'utf8'));
    const { method, options } = parseRunConfig(value);
    return presetConfig({ preset: 'quick', dataset: 'shapes10', method, options });
  }),
  'method options': only(
    'options',
    Buffer.from('topK=1\nmixing=norm1\nlambda=0.5\nmemoryBank=64'),
    (file) => {
      const set = readFileSync(file, 'utf8').split('\n');
      return presetConfig({ preset: 'quick', dataset: 'shapes10', method: 'mnn', ...settingsOf({ set }) });
    },
  ),
  'CIFAR-10': {
    files: () => ({
      'cifar-10-batches-bin/data_batch_1.bin': filled(3, 3073, (i) => [i]),
      'cifar-10-batches-bin/test_batch.bin': filled(2, 3073, (i) => [i]),
      'cifar-10-batches-bin/manifest.json': json(manifest),
    }),
    read: readCifar10,
  },
  'CIFAR-100': {
    files: () => ({
      'cifar-100-binary/train.bin': filled(3, 3074, (i) => [4, 19 + i]),
      'cifar-100-binary/test.bin': filled(2, 3074, (i) => [4, i]),
    }),
    read: readCifar100,
  },
  'STL-10': {
    files: () => ({
      'stl10_binary/train_X.bin': filled(2, 27648, (i) => [i]),
      'stl10_binary/train_y.bin': Buffer.of(1, 10),
      'stl10_binary/test_X.bin': filled(1, 27648, (i) => [i]),
      'stl10_binary/test_y.bin': Buffer.of(7),
      'stl10_binary/unlabeled_X.bin': filled(1, 27648, (i) => [i]),
    }),
    read: (folder) => readStl10(folder),
  },
  'Tiny ImageNet': { files: tinyImagenetFiles, read: (folder) => readTinyImagenet(folder) },
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError('no JSON');
  }
}

/** Writes a reader's files, whole. */
export function writeFiles(folder: string, files: Record<string, Buffer>): void {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}
