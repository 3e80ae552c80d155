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
    `${source.name} is no file that torch.save has written, and no safetensors file: ${whatInstead(source)}`,
  );
}

/** What people have under the name of a checkpoint, by its first bytes, and the way out. */
function whatInstead(source: ByteSource): string {
  const start = source.read(0, Math.min(source.size, 64)).toString('latin1').trimStart();
  if (start.startsWith('\x1f\x8b')) return 'it is packed by gzip. Unpack it with gunzip.';
  if (/^<(!doctype|html|\?xml)/i.test(start))
    return 'it is a web page, which a download gives instead of the file. Fetch the file again.';
  if (start.startsWith('version https://git-lfs'))
    return 'it is a pointer of Git LFS. Fetch the file itself with git lfs pull.';
  if (start.startsWith('{')) return 'it is JSON. Name the file that has the tensors.';
  return 'it is neither a zip archive nor a pickle.';
}
