import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeAll } from '../atomic-write';
import type { Member } from './sources';
import { SumOf } from './sums';

/** A file that is being unpacked; its sum is taken on the way. */
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
    closeSync(this.file);
    const { bytes, md5 } = this.sum.result();
    return { name: this.name, bytes, md5 };
  }
}
