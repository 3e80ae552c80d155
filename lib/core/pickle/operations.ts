import type { Machine } from './machine';
import type { PickleReader } from './reader';
import { PickleDict, type PickleValue, Tuple } from './values';

type Operation = (machine: Machine, reader: PickleReader) => void;

const constant =
  (make: () => PickleValue): Operation =>
  (machine) =>
    machine.push(make());
const value =
  (read: (reader: PickleReader) => PickleValue): Operation =>
  (machine, reader) =>
    machine.push(read(reader));
const text = (read: (reader: PickleReader) => number, encoding: BufferEncoding = 'utf8'): Operation =>
  value((reader) => reader.string(read(reader)).toString(encoding));
const bytes = (read: (reader: PickleReader) => number): Operation =>
  value((reader) => Uint8Array.from(reader.string(read(reader))));
const tuple =
  (length: number): Operation =>
  (machine) => {
    const items: PickleValue[] = [];
    for (let i = 0; i < length; i++) items.unshift(machine.pop());
    machine.push(new Tuple(items));
  };

const uint8 = (reader: PickleReader) => reader.uint8();
const uint32 = (reader: PickleReader) => reader.uint32();
const uint64 = (reader: PickleReader) => reader.uint64();

/** Pickle's operations by the names that Python's pickletools gives them; protocols 1 to 5. */
const named: [number | string, Operation][] = [
  [0x80, protocol], // PROTO
  [0x95, (_machine, reader) => void reader.uint64()], // FRAME: how much may be read at once
  ['N', constant(() => null)], // NONE
  [0x88, constant(() => true)], // NEWTRUE
  [0x89, constant(() => false)], // NEWFALSE
  ['I', value((reader) => reader.decimal())], // INT: also the booleans of protocol 1
  ['L', value((reader) => reader.decimal())], // LONG
  ['J', value((reader) => reader.int32())], // BININT
  ['K', value(uint8)], // BININT1
  ['M', value((reader) => reader.uint16())], // BININT2
  [0x8a, value((reader) => reader.integer(reader.uint8()))], // LONG1
  [0x8b, value((reader) => reader.integer(reader.uint32()))], // LONG4
  ['G', value((reader) => reader.double())], // BINFLOAT
  ['X', text(uint32)], // BINUNICODE
  [0x8c, text(uint8)], // SHORT_BINUNICODE
  [0x8d, text(uint64)], // BINUNICODE8
  ['T', text(uint32, 'latin1')], // BINSTRING: text of Python 2
  ['U', text(uint8, 'latin1')], // SHORT_BINSTRING
  ['C', bytes(uint8)], // SHORT_BINBYTES
  ['B', bytes(uint32)], // BINBYTES
  [0x8e, bytes(uint64)], // BINBYTES8
  [0x96, bytes(uint64)], // BYTEARRAY8
  ['(', (machine) => machine.mark()], // MARK
  ['0', (machine) => void machine.pop()], // POP
  [')', tuple(0)], // EMPTY_TUPLE
  [0x85, tuple(1)], // TUPLE1
  [0x86, tuple(2)], // TUPLE2
  [0x87, tuple(3)], // TUPLE3
  ['t', (machine) => machine.push(new Tuple(machine.popToMark()))], // TUPLE
  [']', constant(() => [])], // EMPTY_LIST
  ['a', appendOne], // APPEND
  ['e', (machine) => machine.append(machine.popToMark())], // APPENDS
  [0x8f, constant(() => [])], // EMPTY_SET: of no interest but for its length
  [0x90, (machine) => machine.append(machine.popToMark())], // ADDITEMS
  [0x91, (machine) => machine.push(machine.popToMark())], // FROZENSET
  ['}', constant(() => new PickleDict())], // EMPTY_DICT
  ['s', setOne], // SETITEM
  ['u', (machine) => machine.setItems(machine.popToMark())], // SETITEMS
  ['q', (machine, reader) => machine.remember(reader.uint8())], // BINPUT
  ['r', (machine, reader) => machine.remember(reader.uint32())], // LONG_BINPUT
  [0x94, (machine) => machine.remember()], // MEMOIZE
  ['h', (machine, reader) => machine.recall(reader.uint8())], // BINGET
  ['j', (machine, reader) => machine.recall(reader.uint32())], // LONG_BINGET
  ['c', (machine, reader) => machine.pushGlobal(reader.line(), reader.line())], // GLOBAL
  [0x93, stackGlobal], // STACK_GLOBAL
  ['R', (machine) => machine.call()], // REDUCE
  [0x81, (machine) => machine.call()], // NEWOBJ
  ['i', instance], // INST
  ['b', (machine) => machine.build()], // BUILD
  ['Q', (machine) => machine.persistent()], // BINPERSID
];

export const operations: ReadonlyMap<number, Operation> = new Map(
  named.map(([code, operation]) => [typeof code === 'string' ? code.charCodeAt(0) : code, operation]),
);

function protocol(_machine: Machine, reader: PickleReader): void {
  const version = reader.uint8();
  if (version > 5) throw reader.broken(`it has protocol ${version}, and those up to 5 are read`);
}

function appendOne(machine: Machine): void {
  const item = machine.pop();
  machine.append([item]);
}

function setOne(machine: Machine): void {
  const item = machine.pop();
  const key = machine.pop();
  machine.setItems([key, item]);
}

function instance(machine: Machine, reader: PickleReader): void {
  const args = new Tuple(machine.popToMark());
  machine.pushGlobal(reader.line(), reader.line());
  machine.push(args);
  machine.call();
}

function stackGlobal(machine: Machine): void {
  const name = machine.popText();
  machine.pushGlobal(machine.popText(), name);
}
