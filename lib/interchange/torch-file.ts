import type { ByteSource } from '../core/byte-source';
import { UserError } from '../core/errors';
import { isSafetensors, readSafetensorsFile } from './safetensors-file';
import type { TorchFile } from './torch-format';
import { readLegacyFile } from './torch-legacy';
import { readZipFile } from './torch-zip';

/**
 * Reads a file of torch.save's, or a safetensors file, without running anything in it; its numbers are read when they are asked for.
 * @throws UserError that names the file and what is wrong with it.
 */
export async function readTorchFile(source: ByteSource): Promise<TorchFile> {
  if (source.size < 4)
    throw new UserError(`${source.name} has ${source.size} bytes: it is no file of PyTorch's.`);
  // A pickle begins with its protocol, or in protocol 1 with the magic number.
  const start = source.read(0, 2);
  if (isSafetensors(source)) return readSafetensorsFile(source);
  if (start.toString('latin1') === 'PK') return readZipFile(source);
  if (start[0] === 0x80 || start[0] === 0x4c) return readLegacyFile(source);
  throw new UserError(
    `${source.name} is no file that torch.save has written, and no safetensors file: it is neither a zip archive nor ` +
      'a pickle.',
  );
}
