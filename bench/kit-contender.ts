import { join } from 'node:path';
import type { ContenderSettings } from './contender';
import type { KitTask } from './contenders/kit';

/**
 * The kit as a contender.
 * @param engine one of its engines, or `tensorflow`: native with TensorFlow's own operations alone.
 */
export function kitContender(
  title: string,
  engine: string,
  task: Omit<KitTask, 'engine' | 'stock'>,
): ContenderSettings {
  const stock = engine === 'tensorflow';
  const settings: KitTask = { ...task, ...(stock ? { engine: 'native', stock } : { engine }) };
  return {
    title,
    command: process.execPath,
    args: ['-r', 'tsx/cjs', join(__dirname, 'contenders', 'kit.ts'), JSON.stringify(settings)],
  };
}
