import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeAll } from '../core/files';
import type { Member } from './sources';
import { SumOf } from './sums';

/**
 * Bytes from which on a file is synced to the disk. For Tiny ImageNet's 110,000 pictures of some 2 kB that would take
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
