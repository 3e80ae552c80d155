import { join } from 'node:path';
import { projectRoot } from '../lib/core/paths';
import type { ContenderSettings } from './contender';
import type { KitTask } from './contenders/kit';

/**
 * The kit as a contender.
 * @param engine one of its engines, or `tensorflow`: native with TensorFlow's own operations alone.
 * @param folder of the kit, to measure another version.
 */
export function kitContender(
  title: string,
  engine: string,
  task: Omit<KitTask, 'engine' | 'stock'>,
  folder: string = projectRoot,
): ContenderSettings {
  const stock = engine === 'tensorflow';
  const settings: KitTask = { ...task, ...(stock ? { engine: 'native', stock } : { engine }) };
  return {
    title,
    command: process.execPath,
    args: ['-r', 'tsx/cjs', join(folder, 'bench', 'contenders', 'kit.ts'), JSON.stringify(settings)],
  };
}
