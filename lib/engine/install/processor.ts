import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The processor by its name and, on Linux, a mark of its instruction sets: what code compiled for it may use. */
export function processorName(): string {
  const model = cpus()[0]?.model ?? 'unknown';
  const features = instructionSets();
  return features ? `${model} (${createHash('sha256').update(features).digest('hex').slice(0, 12)})` : model;
}

function instructionSets(): string | undefined {
  const file = '/proc/cpuinfo';
  if (!existsSync(file)) return undefined;
  return /^(?:flags|Features)\s*:\s*(.+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
}
