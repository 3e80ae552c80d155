import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkWritable, writeFileAtomic } from '../lib/atomic-write';
import { UserError } from '../lib/errors';
import { temporaryFolder } from './data/temporary-folder';

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

  it('can be asked for beforehand', () => {
    writeFileSync(join(folder(), 'file'), '');
    refuses(() => checkWritable(join(folder(), 'file', 'x')), /Cannot write into .*x \(ENOTDIR/);
    checkWritable(join(folder(), 'new', 'one'));
  });
});
