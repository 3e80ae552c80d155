import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadDataset } from '../../lib/data';
import { installSource } from '../../lib/data/install/install';
import { listDatasets } from '../../lib/data/install/list';
import { verifyDataset } from '../../lib/data/install/verify';
import { refusedWith } from './refused';
import { temporaryFolder } from './temporary-folder';
import { treeSource, writeTree } from './tiny-tree';

/** Datasets by their files: the ones of a colleague, unpacked for nobody else. */
const files: Record<string, Record<string, Buffer | string>> = {
  cifar10: {
    ...Object.fromEntries(
      [1, 2, 3, 4, 5].map((i) => [`cifar-10-batches-bin/data_batch_${i}.bin`, Buffer.alloc(3073)]),
    ),
    'cifar-10-batches-bin/test_batch.bin': Buffer.alloc(3073),
  },
  cifar100: {
    'cifar-100-binary/train.bin': Buffer.alloc(3074),
    'cifar-100-binary/test.bin': Buffer.alloc(3074),
  },
  stl10: {
    ...Object.fromEntries(
      ['train', 'test', 'unlabeled'].map((s) => [`stl10_binary/${s}_X.bin`, Buffer.alloc(27648)]),
    ),
    ...Object.fromEntries(['train', 'test'].map((s) => [`stl10_binary/${s}_y.bin`, Buffer.of(1)])),
  },
  'tiny-imagenet': {
    'tiny-imagenet-200/wnids.txt': 'n1\n',
    'tiny-imagenet-200/val/val_annotations.txt': 'val_0.JPEG\tn1\n',
    'tiny-imagenet-200/train/n1/images/n1_0.JPEG': 'x',
    'tiny-imagenet-200/val/images/val_0.JPEG': 'x',
  },
};

/** What cannot be read of each. */
const locked: [dataset: string, path: string][] = [
  ['cifar10', 'cifar-10-batches-bin/test_batch.bin'],
  ['cifar10', 'cifar-10-batches-bin'],
  ['cifar100', 'cifar-100-binary/train.bin'],
  ['stl10', 'stl10_binary/train_X.bin'],
  ['stl10', 'stl10_binary/train_y.bin'],
  ['stl10', 'stl10_binary/unlabeled_X.bin'],
  ['tiny-imagenet', 'tiny-imagenet-200/wnids.txt'],
  ['tiny-imagenet', 'tiny-imagenet-200/val/val_annotations.txt'],
  ['tiny-imagenet', 'tiny-imagenet-200/train/n1/images'],
  ['tiny-imagenet', 'tiny-imagenet-200/train/n1/images/n1_0.JPEG'],
];

/** Runs as a user for whom permissions count: they do not for root. */
async function asUser<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid!() !== 0) return work();
  process.seteuid!(65534);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}

describe('A dataset whose files this user may not read', () => {
  const folder = temporaryFolder();
  const lock = (name: string, path: string) => {
    for (const [file, content] of Object.entries(files[name])) {
      mkdirSync(dirname(join(folder(), file)), { recursive: true });
      writeFileSync(join(folder(), file), content);
    }
    chmodSync(folder(), 0o755);
    chmodSync(join(folder(), path), 0);
  };
  const unlock = (path: string) => chmodSync(join(folder(), path), 0o755);

  // As root: what they load would not be readable for another user everywhere.
  before(() => Promise.all([import('@napi-rs/image'), loadDataset('shapes10', { train: 10, test: 10 })]));

  for (const [name, path] of locked) {
    it(`is refused in a sentence that names what: ${path}`, async () => {
      lock(name, path);
      try {
        const load = () => asUser(() => loadDataset(name, { data: folder() }));
        const escaped = path.replaceAll('.', '\\.');
        await refusedWith(
          load,
          new RegExp(`^Cannot read .*${escaped}.* \\(EACCES\\)\\. See that this user may read it`),
        );
      } finally {
        unlock(path);
      }
    });
  }

  it('is listed as damaged, not as missing, and verified with a sentence', async () => {
    lock('cifar10', 'cifar-10-batches-bin');
    try {
      const listing = await asUser(async () => listDatasets(folder()));
      const { state, problem } = listing.find(({ name }) => name === 'cifar10')!;
      assert.equal(state, 'damaged');
      assert.match(problem!, /Cannot read .*cifar-10-batches-bin.* \(EACCES\)/);
      await refusedWith(() => asUser(() => verifyDataset('cifar10', folder())), /Cannot read .* \(EACCES\)/);
    } finally {
      unlock('cifar-10-batches-bin');
    }
  });

  it('is not installed from, and the folder that is written to is not blamed', async () => {
    const given = writeTree(join(folder(), 'given'));
    mkdirSync(join(folder(), 'data'));
    chmodSync(folder(), 0o755);
    chmodSync(join(folder(), 'data'), 0o777);
    const images = join(given, 'train/n01/images');
    chmodSync(images, 0);
    try {
      const install = () => installSource(treeSource(), { from: given, dataFolder: join(folder(), 'data') });
      await refusedWith(
        () => asUser(install),
        /^Cannot read .*train.n01.images \(EACCES\)\. See that this user may read/,
      );
    } finally {
      chmodSync(images, 0o755);
    }
  });
  it('and an archive that may not be read is named, not the folder that it was to go to', async () => {
    const archive = join(folder(), 'archive.tar.gz');
    writeFileSync(archive, 'x');
    mkdirSync(join(folder(), 'data'));
    chmodSync(folder(), 0o755);
    chmodSync(join(folder(), 'data'), 0o777);
    chmodSync(archive, 0);
    const install = () => installSource(treeSource(), { from: archive, dataFolder: join(folder(), 'data') });
    await refusedWith(() => asUser(install), /^Cannot read .*archive\.tar\.gz \(EACCES\)/);
  });

  it('is missing from a file that is named instead of its folder', async () => {
    const file = join(folder(), 'cifar-10-python.tar.gz');
    writeFileSync(file, '');
    await refusedWith(
      () => loadDataset('cifar10', { data: file }),
      /^CIFAR-10 is not in .*cifar-10-python\.tar\.gz/,
    );
  });
});
