import { Machine, type PersistentLoader } from './machine';
import { operations } from './operations';
import type { PickleReader } from './reader';
import type { PickleValue } from './values';

const stop = 0x2e;

/**
 * Reads one pickle, from the reader's place to the pickle's end. It knows the operations that PyTorch's files are
 * made of and a short list of names, runs no code, and takes time and memory in proportion to the pickle's length.
 * @param load what a persistent id stands for; @param most operations that it may have, by default a network's.
 * @throws UserError that says what is broken, or names what is refused.
 */
export function unpickle(
  reader: PickleReader,
  file: string,
  load: PersistentLoader,
  most?: number,
): PickleValue {
  const machine = new Machine(reader, file, load, most);
  for (;;) {
    machine.spend(1);
    const code = reader.uint8();
    if (code === stop) return machine.result();
    const operation = operations.get(code);
    if (!operation) {
      const shown = `0x${code.toString(16).padStart(2, '0')}`;
      throw reader.broken(`operation ${shown} is not one that PyTorch's files need`);
    }
    operation(machine, reader);
  }
}
