import type { PickleValue, Storage } from '../core/pickle/values';

/** A file that torch.save has written: what it holds, and where its numbers are. */
export interface TorchFile {
  /** What messages call it. */
  name: string;
  /** How it is laid out: as a zip archive since PyTorch 1.6, one part after the other before, or as safetensors. */
  format: 'zip' | 'legacy' | 'safetensors';
  value: PickleValue;
  /** The bytes of a storage, little endian. @throws UserError where the file does not have them all. */
  bytesOf(storage: Storage): Promise<Buffer>;
}
