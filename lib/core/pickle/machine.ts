import { findGlobal } from './globals';
import { setArray, setByteOrder } from './numpy';
import type { PickleReader } from './reader';
import { Callable, NumpyArray, NumpyType, PickleDict, type PickleValue, Tuple } from './values';

/** What a persistent id stands for. @throws Error whose message completes "a persistent id ...". */
export type PersistentLoader = (id: PickleValue) => PickleValue;

/** A checkpoint of MNN's networks and their optimizer takes 14,000. The limit keeps a hostile file from filling the memory. */
const maxSteps = 1 << 18;

/** Pickle's stack machine: a stack, marks in it, and a memo. */
export class Machine {
  private stack: PickleValue[] = [];
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private steps = 0;

  /** @param most operations, with the items and bytes that calls make. */
  constructor(
    private readonly reader: PickleReader,
    private readonly file: string,
    private readonly load: PersistentLoader,
    private readonly most: number = maxSteps,
  ) {}

  /** Counts operations, and the items and bytes that calls make. */
  spend(steps: number): void {
    this.steps += steps;
    if (this.steps > this.most) {
      throw this.reader.broken(
        `it has more than ${this.most} operations, with the items that its calls make`,
      );
    }
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw this.reader.broken('a value is missing');
    return this.stack.pop()!;
  }

  /** The value on top, which stays. */
  top(): PickleValue {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** Everything above the last mark. */
  popToMark(): PickleValue[] {
    const mark = this.marks.pop();
    if (mark === undefined) throw this.reader.broken('a mark is missing');
    return this.stack.splice(mark);
  }

  popText(): string {
    const value = this.pop();
    if (typeof value !== 'string') throw this.reader.broken('a name is no text');
    return value;
  }

  /** @param index default: the next free one. */
  remember(index: number = this.memo.size): void {
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.reader.broken(`nothing was kept under ${index}`);
    this.push(value);
  }

  append(values: PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.reader.broken('something is to be added to a list that is none');
    for (const value of values) list.push(value);
  }

  setItems(items: PickleValue[]): void {
    const dict = this.top();
    if (!(dict instanceof PickleDict) || items.length % 2 !== 0) {
      throw this.reader.broken('something is to be put into a dict that is none');
    }
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  pushGlobal(module: string, name: string): void {
    this.push(findGlobal(module, name, this.file));
  }

  /** Calls what lies under its arguments. */
  call(): void {
    const args = this.pop();
    const callable = this.pop();
    if (!(callable instanceof Callable) || !(args instanceof Tuple)) {
      throw this.reader.broken('something is to be called that cannot be');
    }
    this.spend(callable.cost(args.items));
    this.push(this.explained(callable.name, () => callable.call(args.items)));
  }

  /** Gives a value its state: dicts have attributes of no interest here, a numpy type has its byte order. */
  build(): void {
    const state = this.pop();
    const value = this.top();
    if (value instanceof NumpyArray) this.explained('numpy.ndarray', () => setArray(value, state));
    else if (value instanceof NumpyType) this.explained('numpy.dtype', () => setByteOrder(value, state));
    else if (!(value instanceof PickleDict))
      throw this.reader.broken('something has a state that can have none');
  }

  persistent(): void {
    const id = this.pop();
    this.push(this.explained('a persistent id', () => this.load(id)));
  }

  /** What is left at the end. */
  result(): PickleValue {
    if (this.stack.length !== 1) throw this.reader.broken(`${this.stack.length} values are left at its end`);
    return this.stack[0];
  }

  private explained<T>(name: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.reader.broken(`${name} ${(error as Error).message}`);
    }
  }
}
