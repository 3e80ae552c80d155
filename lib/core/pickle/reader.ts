import type { ByteSource } from '../byte-source';
import { UserError } from '../errors';

/** Longest text or byte string that a state dict has any use for. */
const longestText = 1 << 16;

/** Reads the arguments of pickle's operations from one place to the next. */
export class PickleReader {
  constructor(
    private readonly bytes: Buffer,
    private readonly name: ByteSource['name'],
    public position: number = 0,
    /** Longest text or byte string that is read. */
    private readonly longest: number = longestText,
  ) {}

  /** An error about the pickle at the place that was read last. */
  broken(what: string): UserError {
    return new UserError(
      `${this.name} holds a broken pickle: ${what} (byte ${this.position} of the pickle).`,
    );
  }

  take(length: number): Buffer {
    const end = this.position + length;
    if (end > this.bytes.length) throw this.broken(`it ends where ${length} more bytes are needed`);
    const taken = this.bytes.subarray(this.position, end);
    this.position = end;
    return taken;
  }

  uint8(): number {
    return this.take(1)[0];
  }

  uint16(): number {
    return this.take(2).readUInt16LE();
  }

  int32(): number {
    return this.take(4).readInt32LE();
  }

  uint32(): number {
    return this.take(4).readUInt32LE();
  }

  uint64(): number {
    return Number(this.take(8).readBigUInt64LE());
  }

  double(): number {
    return this.take(8).readDoubleBE();
  }

  /** Text or bytes of a length that stands before them. */
  string(length: number): Buffer {
    if (length > this.longest)
      throw this.broken(`a string of ${length} bytes, where ${this.longest} are the most`);
    return this.take(length);
  }

  /** Up to the end of the line, which is read and not given. */
  line(): string {
    const end = this.bytes.indexOf(10, this.position);
    if (end < 0) throw this.broken('a line without an end');
    const text = this.string(end - this.position).toString('utf8');
    this.position++;
    return text;
  }

  /** A whole number of so many bytes, least significant first, in two's complement. */
  integer(length: number): number | bigint {
    if (length > 32) throw this.broken(`a whole number of ${length} bytes`);
    if (length === 0) return 0;
    const digits = Buffer.from(this.take(length)).reverse().toString('hex');
    return plain(BigInt.asIntN(8 * length, BigInt(`0x${digits}`)));
  }

  /** A whole number written out in decimals. */
  decimal(): number | bigint {
    const text = this.line().replace(/L$/, '');
    if (!/^-?\d{1,80}$/.test(text)) throw this.broken('a whole number that is none');
    return plain(BigInt(text));
  }
}

function plain(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
