import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { create } from 'tar';
import { ZipFile } from 'yazl';
import { loadDataset, readCifar10, readCifar100, type Source, sourceOf } from '../../lib/data';
import { installSource } from '../../lib/data/install/install';
import { listDatasets } from '../../lib/data/install/list';
import { verifySource } from '../../lib/data/install/verify';
import { op, pickle } from '../core/pickles';
import { md5 } from './install/tiny-source';
import { refusedWith } from './refused';
import { temporaryFolder } from './temporary-folder';

/** Pixels of an image plane by plane, as both versions have them. */
const planes = (shift: number): Buffer =>
  Buffer.from(Array.from({ length: 3072 }, (_, i) => (i + shift) % 256));

/** A record of the binary version. */
const record = (shift: number, ...labels: number[]): Buffer =>
  Buffer.concat([Buffer.from(labels), planes(shift)]);

const length = (bytes: number): Buffer => {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(bytes);
  return four;
};
/** Text of Python 2, which pickles the bytes of an array so. */
const binString = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from('T'), length(bytes.length), bytes]);
const binBytes = (bytes: Buffer): Buffer => Buffer.concat([Buffer.from('B'), length(bytes.length), bytes]);

/** An array of bytes as numpy pickles it, [images, 3072]. */
function array(bytes: Buffer): Buffer {
  const type = Buffer.concat([
    ...[op.global('numpy', 'dtype'), op.tuple(op.text('u1')), op.reduce],
    ...[op.tuple(op.int(3), op.text('|'), op.none), op.build],
  ]);
  const shape = op.tuple(op.int(bytes.length / 3072), op.int(3072));
  const state = op.tuple(op.int(1), shape, type, Buffer.from([0x89]), binString(bytes));
  return Buffer.concat([
    op.global('numpy.core.multiarray', '_reconstruct'),
    ...[
      op.tuple(op.global('numpy', 'ndarray'), op.tuple(op.int(0)), op.text('b')),
      op.reduce,
      state,
      op.build,
    ],
  ]);
}

/** A batch as the publisher pickled it. */
function batch(pixels: Buffer[], labels: Record<string, number[]>): Buffer {
  const lists = Object.entries(labels).flatMap(([key, list]) => [op.text(key), op.list(...list.map(op.int))]);
  return pickle(op.dict(op.text('data'), array(Buffer.concat(pixels)), ...lists));
}

describe("CIFAR's Python version", () => {
  const folder = temporaryFolder();
  const at = (...names: string[]) => join(folder(), ...names);
  const put = (path: string, content: Buffer) => {
    mkdirSync(join(at(path), '..'), { recursive: true });
    writeFileSync(at(path), content);
  };
  const put10 = (inside = 'py') => {
    put(`${inside}/cifar-10-batches-py/data_batch_1`, batch([planes(0), planes(10)], { labels: [3, 0] }));
    put(`${inside}/cifar-10-batches-py/data_batch_2`, batch([planes(20)], { labels: [9] }));
    put(`${inside}/cifar-10-batches-py/test_batch`, batch([planes(30)], { labels: [7] }));
  };
  const put10Binary = () => {
    put('bin/cifar-10-batches-bin/data_batch_1.bin', Buffer.concat([record(0, 3), record(10, 0)]));
    put('bin/cifar-10-batches-bin/data_batch_2.bin', record(20, 9));
    put('bin/cifar-10-batches-bin/test_batch.bin', record(30, 7));
  };

  it('of CIFAR-10 has the images, labels and checksum of the binary version', () => {
    put10();
    put10Binary();
    assert.deepEqual(readCifar10(at('py')), readCifar10(at('bin')));
    assert.deepEqual(readCifar10(at('py/cifar-10-batches-py')), readCifar10(at('bin')));
  });

  it('of CIFAR-100 too, by its fine labels', () => {
    const labels = { coarse_labels: [19, 2], fine_labels: [99, 4] };
    put('py/cifar-100-python/train', batch([planes(0), planes(1)], labels));
    put('py/cifar-100-python/test', batch([planes(2)], { coarse_labels: [1], fine_labels: [50] }));
    put('bin/cifar-100-binary/train.bin', Buffer.concat([record(0, 19, 99), record(1, 2, 4)]));
    put('bin/cifar-100-binary/test.bin', record(2, 1, 50));
    assert.deepEqual(readCifar100(at('py')), readCifar100(at('bin')));
  });

  it('is read as programs pickle it again: bytes under keys of bytes', () => {
    put10Binary();
    put10();
    const key = (text: string) => binBytes(Buffer.from(text));
    const again = op.dict(key('data'), binBytes(planes(30)), key('labels'), op.list(op.int(7)));
    put('py/cifar-10-batches-py/test_batch', pickle(again));
    assert.deepEqual(readCifar10(at('py')), readCifar10(at('bin')));
  });

  it('is loaded and listed where it is', async () => {
    put10();
    const { train, verified } = await loadDataset('cifar10', { data: at('py') });
    assert.deepEqual([train.count, verified], [3, false]);
    const listed = listDatasets(at('py')).find(({ name }) => name === 'cifar10')!;
    assert.deepEqual([listed.state, listed.folder], ['unchecked', at('py/cifar-10-batches-py')]);
  });

  it('is refused with what is wrong in it, and nothing in it is run', async () => {
    const name = 'py/cifar-10-batches-py/test_batch';
    const refuses = async (content: Buffer, pattern: RegExp) => {
      put10();
      put(name, content);
      await refusedWith(async () => readCifar10(at('py')), pattern);
    };
    await refuses(
      batch([planes(0)], { labels: [1, 2] }),
      /test_batch is no pickle of CIFAR-10's Python version/,
    );
    await refuses(batch([planes(0)], { labels: [12] }), /test_batch has label 12; expected 0 to 9/);
    await refuses(
      batch([planes(0)], { fine_labels: [1] }),
      /needs data of 3072 bytes an image, and labels with one/,
    );
    await refuses(pickle(op.global('posix', 'system')), /asks for posix\.system/);
    await refuses(Buffer.from('no pickle'), /test_batch/);
    put10();
    put(
      'py/cifar-10-batches-py/batches.meta',
      pickle(op.dict(op.text('label_names'), op.list(op.text('cat')))),
    );
    await refusedWith(async () => readCifar10(at('py')), /names the classes cat; expected airplane/);
  });

  describe('is installed', () => {
    /** CIFAR-10 as if it had these few images. */
    const small = (): Source => {
      put10Binary();
      const members = readdirSync(at('bin/cifar-10-batches-bin')).map((name) => {
        const bytes = readFileSync(at('bin/cifar-10-batches-bin', name));
        return { name, bytes: bytes.length, md5: md5(bytes) };
      });
      return { ...sourceOf('cifar10'), members, maxBytes: 1 << 20 };
    };
    const archive = async (): Promise<string> => {
      put10('archive');
      const file = at('cifar-10-python.tar.gz');
      await create({ gzip: true, file, cwd: at('archive'), portable: true }, ['cifar-10-batches-py']);
      return file;
    };
    const same = (source: Source) => {
      for (const { name } of source.members) {
        const [made, published] = ['data', 'bin'].map((place) =>
          readFileSync(at(place, source.folder, name)),
        );
        assert.deepEqual(made, published, name);
      }
      assert.ok(!existsSync(at('data', source.folder, 'cifar-10-batches-py')));
    };

    it('from its folder as the binary version, every file checked by its published md5', async () => {
      put10();
      const source = small();
      const { message } = await installSource(source, { from: at('py'), dataFolder: at('data') });
      assert.match(message, /all 3 files have their published md5/);
      same(source);
    });

    it('from its archive, byte for byte the same', async () => {
      const source = small();
      const { message } = await installSource(source, { from: await archive(), dataFolder: at('data') });
      assert.match(message, /all 3 files have their published md5/);
      same(source);
    });

    it('from a zip archive, and from a folder with the archive in it', async () => {
      const source = small();
      const downloads = at('downloads');
      mkdirSync(downloads);
      copyFileSync(await archive(), join(downloads, source.python!.archive.file));
      await installSource(source, { from: downloads, dataFolder: at('data') });
      same(source);
      const zip = new ZipFile();
      for (const name of readdirSync(at('archive/cifar-10-batches-py')))
        zip.addFile(at('archive/cifar-10-batches-py', name), `cifar-10-batches-py/${name}`);
      zip.end();
      writeFileSync(at('python.zip'), await buffer(zip.outputStream));
      rmSync(at('data'), { recursive: true });
      await installSource(source, { from: at('python.zip'), dataFolder: at('data') });
      same(source);
    });

    it('not from other formats, and names the archive that was given', async () => {
      mkdirSync(at('png/train/cat'), { recursive: true });
      const install = (source: Source, from: string) => () =>
        installSource(source, { from, dataFolder: at('data') });
      await refusedWith(
        install(small(), at('png')),
        /neither cifar-10-batches-bin nor cifar-10-batches-py.* PNG or Parquet/,
      );
      const other = small();
      other.members[0].md5 = md5(Buffer.of(1));
      await refusedWith(
        install(other, await archive()),
        /cifar-10-python\.tar\.gz is not the whole CIFAR-10: data_batch_1, as/,
      );
    });

    it('not if an image differs', async () => {
      const source = small();
      put10();
      put('py/cifar-10-batches-py/data_batch_2', batch([planes(21)], { labels: [9] }));
      const work = () => installSource(source, { from: at('py'), dataFolder: at('data') });
      await refusedWith(work, /py is not the whole CIFAR-10: data_batch_2, as data_batch_2\.bin, has md5/);
      const { problems } = await verifySource(source, at('py'));
      assert.match(problems.join(), /^data_batch_2, as data_batch_2\.bin, has md5/);
      rmSync(at('py/cifar-10-batches-py/data_batch_2'));
      await refusedWith(work, /py is not the whole CIFAR-10: data_batch_2 is missing/);
    });
  });
});
