import { z } from 'zod';
import { UserError, unknownName } from '../errors';
import type { RunConfig } from '../training/config';
import type { Learner, Method } from './method';
import { mnn } from './mnn';
import { msf } from './msf';
import { untrained } from './untrained';

// Each method knows the type of its own options; here they are only passed on.
const registered = new Map([mnn, msf, untrained].map((method) => [method.name, method as unknown as Method]));

/** Every method that is known, in the order of registration. */
export function listMethods(): Method[] {
  return [...registered.values()];
}

/** @throws UserError that lists the known methods. */
export function findMethod(name: string): Method {
  const method = registered.get(name);
  if (!method) throw unknownName('method', name, [...registered.keys()]);
  return method;
}

/**
 * The method's options with the defaults filled in.
 * @throws UserError that names each unknown or wrong option and what is right.
 */
export function methodOptions(name: string, options: Record<string, unknown>): RunConfig['options'] {
  const schema = findMethod(name).options;
  const parsed = schema.safeParse(options);
  if (!parsed.success) {
    const known = Object.keys(schema.parse({})).join(', ') || 'none';
    throw new UserError(
      `Options of method '${name}':\n${z.prettifyError(parsed.error)}\nKnown options: ${known}.`,
    );
  }
  return parsed.data as RunConfig['options'];
}

/** Builds the networks of a run. */
export function createLearner(config: RunConfig): Learner {
  const method = findMethod(config.method);
  return method.create(config, methodOptions(config.method, config.options));
}
