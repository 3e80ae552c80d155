/** Pickles put together by hand, operation by operation: what a hostile file could hold. */

export const op = {
  proto: (version = 2) => Buffer.from([0x80, version]),
  global: (module: string, name: string) => Buffer.from(`c${module}\n${name}\n`),
  stackGlobal: (module: string, name: string) =>
    Buffer.concat([op.short(module), op.short(name), Buffer.from([0x93])]),
  inst: (module: string, name: string) => Buffer.from(`i${module}\n${name}\n`),
  /** Text of protocol 4. */
  short: (text: string) => Buffer.concat([Buffer.from([0x8c, text.length]), Buffer.from(text)]),
  /** Text of protocol 2. */
  text: (text: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(Buffer.byteLength(text));
    return Buffer.concat([Buffer.from('X'), length, Buffer.from(text)]);
  },
  int: (value: number) => {
    const bytes = Buffer.alloc(5);
    bytes.write('J');
    bytes.writeInt32LE(value, 1);
    return bytes;
  },
  tuple: (...items: Buffer[]) => Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]),
  dict: (...pairs: Buffer[]) => Buffer.concat([Buffer.from('}('), ...pairs, Buffer.from('u')]),
  list: (...items: Buffer[]) => Buffer.concat([Buffer.from(']('), ...items, Buffer.from('e')]),
  none: Buffer.from('N'),
  mark: Buffer.from('('),
  reduce: Buffer.from('R'),
  newobj: Buffer.from([0x81]),
  build: Buffer.from('b'),
  persistent: Buffer.from('Q'),
  stop: Buffer.from('.'),
};

/** A whole pickle of protocol 2. */
export function pickle(...parts: Buffer[]): Buffer {
  return Buffer.concat([op.proto(), ...parts, op.stop]);
}

/** A float32 storage under a key. */
export function storage(key = '0', length = 6, type = op.global('torch', 'FloatStorage')): Buffer {
  const id = op.tuple(op.text('storage'), type, op.text(key), op.text('cpu'), op.int(length));
  return Buffer.concat([id, op.persistent]);
}

/** A tensor; each of its parts can be another. */
export function tensor({
  from = storage(),
  offset = op.int(0),
  shape = [2, 3],
  strides = [3, 1],
}: {
  from?: Buffer;
  offset?: Buffer;
  shape?: number[];
  strides?: number[];
} = {}): Buffer {
  const counts = (values: number[]) => op.tuple(...values.map(op.int));
  const args = op.tuple(from, offset, counts(shape), counts(strides), op.none, op.none);
  return Buffer.concat([op.global('torch._utils', '_rebuild_tensor_v2'), args, op.reduce]);
}
