import type { EngineDiagnosis, Proof } from '../engine';

/** An engine on one line: whether it starts, its name, what it is or why not, and whether it is taken. */
export function engineLine({ name, works, detail, chosen }: EngineDiagnosis): string {
  return `${works ? 'works' : 'no   '}  ${name.padEnd(7)} ${detail}${chosen ? '   <- taken' : ''}`;
}

/** What was proven of a native engine, when and on which processor. */
export function proofLine({ provenAt, conditions, outcome }: Proof): string {
  const { tensorflow, operations } = outcome;
  const when = `on ${provenAt.slice(0, 10)}, on ${[conditions.processor, conditions.gpu].filter(Boolean).join(' with ')}`;
  if (tensorflow.wrong !== null) return `Not right (${when}): ${tensorflow.wrong}`;
  const own = operations?.wrong ? `; the kit's operations are not right: ${operations.wrong}` : '';
  const more = operations && !own ? ` and ${operations.computations} of the kit's operations` : '';
  return `Proven right ${when}: ${tensorflow.computations} computations of TensorFlow${more}, against double precision${own}`;
}
