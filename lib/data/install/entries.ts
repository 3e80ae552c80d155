import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { UserError } from '../../core/errors';
import { writeAll } from '../../core/files';
import type { Member, Source } from '../sources';
import { isNeeded, maxBytes } from '../sources';
import { SumOf } from '../sums';

export interface Entry {
  path: string;
  /** `file`, `folder`, or another word for what it is. */
  kind: string;
  /** Bytes that it unpacks to. */
  size: number;
}

/**
 * Tells for each entry of an archive which file of the dataset it becomes, if any.
 * @throws UserError for what no honest archive of the dataset holds: paths that leave the folder, links, a name
 * twice, more bytes than the dataset can have.
 */
export function entryChecker(source: Source, archive: string): (entry: Entry) => string | undefined {
  const limit = maxBytes(source);
  const seen = new Set<string>();
  let total = 0;
  const refuse = (what: string) =>
    new UserError(`${archive} ${what}. It was not unpacked; ${publishersArchive(source)}`);
  return ({ path, kind, size }) => {
    if (leavesFolder(path)) throw refuse(`holds '${path}', which leaves the folder`);
    if (kind !== 'file' && kind !== 'folder') throw refuse(`holds '${path}', a ${kind}`);
    total += size;
    if (total > limit) throw refuse(`unpacks to more than the ${limit} bytes that ${source.title} can have`);
    if (kind === 'folder') return undefined;
    const place = posix.normalize(path);
    // A disk that does not tell capitals apart would let the second overwrite the first.
    const key = place.toLowerCase();
    if (seen.has(key)) throw refuse(`holds '${path}' twice`);
    seen.add(key);
    const name = posix.relative(source.folder, place);
    return isNeeded(source, name) ? name : undefined;
  };
}

export function leavesFolder(path: string): boolean {
  const place = posix.normalize(path.replaceAll('\\', '/'));
  return (
    place.split('/')[0] === '..' || posix.isAbsolute(place) || /^[a-z]:/i.test(place) || path.includes('\0')
  );
}

export function publishersArchive({ archive }: Source): string {
  return `use the publisher's ${archive.file} (${archive.bytes} bytes, md5 ${archive.md5}).`;
}

/**
 * Bytes from which on a file is synced to the disk. For Tiny ImageNet's 110,000 images of some 2 kB that would take
 * half a minute and more; what a power cut takes of those, reading and verifying the dataset notice.
 */
const syncFrom = 1 << 16;

/** A file that is being unpacked or copied; its sum is taken on the way. */
export class MemberFile {
  private readonly file: number;
  private readonly sum = new SumOf();

  /** @throws where the file is there already. */
  constructor(
    folder: string,
    private readonly name: string,
  ) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    this.file = openSync(path, 'wx');
  }

  write(chunk: Uint8Array): void {
    writeAll(this.file, chunk);
    this.sum.add(chunk);
  }

  close(): Member {
    const { bytes, md5 } = this.sum.result();
    try {
      if (bytes >= syncFrom) fsyncSync(this.file);
    } finally {
      closeSync(this.file);
    }
    return { name: this.name, bytes, md5 };
  }
}
