import assert from 'node:assert/strict';
import fs, {
  fstatSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

import { UserError } from '../../lib/core/errors';
import { checkWritable, refusedBySystem, syncFolder, writeFileAtomic } from '../../lib/core/files';
import { temporaryFolder } from '../data/temporary-folder';

describe('Writing a file at once', () => {
  const folder = temporaryFolder();

  const refuses = (work: () => void, pattern: RegExp) =>
    assert.throws(work, (error) => error instanceof UserError && pattern.test(error.message));

  it('says why it cannot, where not even a temporary file can be made', () => {
    writeFileSync(join(folder(), 'file'), '');
    refuses(() => writeFileAtomic(join(folder(), 'file', 'x', 'y'), ''), /Cannot write .*y \(ENOTDIR\)/);
    refuses(() => writeFileAtomic(join(folder(), 'x'.repeat(300)), ''), /\(ENAMETOOLONG\)/);
    assert.deepEqual(readdirSync(folder()), ['file']);
  });

  it('takes every name that the file system takes', () => {
    for (const name of ['x'.repeat(214), 'x'.repeat(255), 'ü'.repeat(127)]) {
      writeFileAtomic(join(folder(), name), name);
      assert.equal(readFileSync(join(folder(), name), 'utf8'), name);
    }
    assert.equal(readdirSync(folder()).length, 3);
  });

  it('keeps the link that it is written through, and what only its user may read', () => {
    const [file, link] = [join(folder(), 'elsewhere', 'file'), join(folder(), 'link')];
    mkdirSync(join(folder(), 'elsewhere'));
    writeFileSync(file, 'old', { mode: 0o600 });
    symlinkSync(file, link);
    writeFileAtomic(link, 'new');
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(file, 'utf8'), 'new');
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('can be asked for beforehand', () => {
    writeFileSync(join(folder(), 'file'), '');
    refuses(() => checkWritable(join(folder(), 'file', 'x')), /Cannot write into .*x \(ENOTDIR/);
    checkWritable(join(folder(), 'new', 'one'));
  });

  describe('on a file system', () => {
    const { fsyncSync, writeSync } = fs;
    afterEach(() => Object.assign(fs, { fsyncSync, writeSync }));
    /** As Node tells of an error number of the system. */
    const systemError = (errno: number, code: string, syscall: string) =>
      Object.assign(new Error(`${code}: ${syscall}`), { errno: -errno, code, syscall });

    it('that syncs no folders writes all the same, and still tells of a disk that fails', () => {
      const answer = (errno: number, code: string) => {
        fs.fsyncSync = (file) => {
          if (fstatSync(file).isDirectory()) throw systemError(errno, code, 'fsync');
          fsyncSync(file);
        };
      };
      for (const code of ['EINVAL', 'ENOTSUP', 'ENOSYS', 'EBADF', 'EACCES'] as const) {
        answer(constants.errno[code], code);
        writeFileAtomic(join(folder(), 'share', code), 'all of it');
        assert.equal(readFileSync(join(folder(), 'share', code), 'utf8'), 'all of it');
      }
      answer(constants.errno.EIO, 'EIO');
      assert.throws(() => syncFolder(folder()), /EIO/);
    });

    it('whose quota is used up says so, and leaves what was there', () => {
      const file = join(folder(), 'file');
      writeFileAtomic(file, 'old');
      fs.writeSync = () => {
        throw systemError(constants.errno.EDQUOT, 'UNKNOWN', 'write');
      };
      refuses(
        () => writeFileAtomic(file, 'new'),
        /file \(EDQUOT\)\. Your disk quota is used up: remove files/,
      );
      assert.deepEqual([readdirSync(folder()), readFileSync(file, 'utf8')], [['file'], 'old']);
    });
  });
});

describe('What the system refuses', () => {
  const folder = temporaryFolder();

  const thrownBy = (work: () => unknown): unknown => {
    try {
      return work();
    } catch (error) {
      return error;
    }
  };

  it('is a sentence with a way out where its user can mend it, and any other error as it was', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    const messageOf = (work: () => unknown) => refusedBySystem(thrownBy(work))?.message;
    assert.match(
      messageOf(() => readdirSync(file))!,
      /^Cannot read or write .*file \(ENOTDIR\)\. A file is where/,
    );
    assert.match(messageOf(() => writeFileSync(folder(), ''))!, /\(EISDIR\)\. It is a folder: name a file/);
    assert.equal(refusedBySystem(new Error('EACCES')), undefined);
    assert.equal(
      messageOf(() => readFileSync(join(folder(), 'none'))),
      undefined,
    );
  });
});
