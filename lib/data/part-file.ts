import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { writeAll } from '../core/files';

/** Which copy of a file a part is of: the address, and what the host said to know it by. */
export interface Origin {
  url: string;
  validator?: string;
}

/** A file that is being downloaded, beside its final name: `<file>.part`, and its origin in `<file>.part.json`. */
export class PartFile {
  readonly path: string;
  private readonly originPath: string;

  constructor(private readonly file: string) {
    this.path = `${file}.part`;
    this.originPath = `${this.path}.json`;
  }

  /** Bytes that are there; 0 where it is not known what they are of. */
  get bytes(): number {
    return this.origin && existsSync(this.path) ? statSync(this.path).size : 0;
  }

  get origin(): Origin | undefined {
    if (!existsSync(this.originPath)) return undefined;
    try {
      return JSON.parse(readFileSync(this.originPath, 'utf8'));
    } catch {
      return undefined;
    }
  }

  /** Writes what comes behind the first `start` bytes; from 0 on it is a new file of that origin. */
  async receive(start: number, origin: Origin, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    // In this order a process killed in between leaves an empty file, not another origin's bytes.
    const file = openSync(this.path, start === 0 ? 'w' : 'a');
    try {
      if (start === 0) writeFileSync(this.originPath, JSON.stringify(origin));
      for await (const chunk of chunks) writeAll(file, chunk);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }

  /** Gives the whole and checked file its name. */
  finish(): void {
    renameSync(this.path, this.file);
    rmSync(this.originPath, { force: true });
  }

  remove(): void {
    for (const path of [this.path, this.originPath]) rmSync(path, { force: true });
  }
}
