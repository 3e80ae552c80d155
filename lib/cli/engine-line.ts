import type { EngineDiagnosis } from '../engine';

/** An engine on one line: whether it starts, its name, what it is or why not, and whether it is taken. */
export function engineLine({ name, works, detail, chosen }: EngineDiagnosis): string {
  return `${works ? 'works' : 'no   '}  ${name.padEnd(7)} ${detail}${chosen ? '   <- taken' : ''}`;
}
