import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** The NVIDIA GPUs and their driver, as Linux names them; undefined when there is none. */
export function gpuName(): string | undefined {
  const driver = '/proc/driver/nvidia';
  if (!existsSync(`${driver}/gpus`)) return undefined;
  const models = readdirSync(`${driver}/gpus`).map((gpu) => {
    const facts = readFileSync(`${driver}/gpus/${gpu}/information`, 'utf8');
    return /^Model:\s*(.+)$/m.exec(facts)?.[1].trim() ?? 'unknown';
  });
  const version = /Kernel Module\S*\s+.*?([\d.]{3,})/.exec(readFileSync(`${driver}/version`, 'utf8'))?.[1];
  return models.length > 0 ? `${models.join(', ')} (driver ${version})` : undefined;
}
