import { z } from 'zod';
import type { RunConfig } from '../config/run-config';
import { UserError, unknownName } from '../core/errors';
import type { Heads } from '../models';
import { byol } from './byol';
import { cmsf } from './cmsf';
import type { Learner, Method, ViewKind } from './method';
import { mnn } from './mnn';
import { mocoV2 } from './moco-v2';
import { msf } from './msf';
import { nnclr } from './nnclr';
import { viewKinds } from './options';
import { ressl } from './ressl';
import { sce } from './sce';
import { simclr } from './simclr';
import { snclr } from './snclr';
import { unMix } from './un-mix';
import { untrained } from './untrained';

const registered = new Map<string, Method>();
let builtIn = new Set<string>();

/** The methods of the paper's comparison, MNN last, as in its tables. */
export const comparedMethods: string[] = [
  mocoV2,
  simclr,
  byol,
  ressl,
  nnclr,
  msf,
  snclr,
  sce,
  cmsf,
  unMix,
  mnn,
].map((method) => registerMethod(method as Method<never>));

registerMethod(untrained);
builtIn = new Set(registered.keys());

/**
 * Makes a method known to everything that takes a method's name. One of the same name takes its place, so that
 * a notebook's cell can be run again.
 * @returns its name.
 * @throws UserError for the name of a method of the kit's own, options without defaults or with others than
 *   numbers, strings and booleans, and a schema that lets unknown options pass.
 */
export function registerMethod<Options>(method: Method<Options>): string {
  const { name, options } = method;
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new UserError(`The method's name '${name}' has to be of small letters, digits and hyphens.`);
  }
  if (builtIn.has(name)) {
    throw new UserError(`'${name}' is a method of the kit's own: give yours another name.`);
  }
  checkOptions(name, options);
  // Each method knows the type of its own options; here they are only passed on.
  registered.set(name, method as unknown as Method);
  return name;
}

function checkOptions(method: string, options: z.ZodType): void {
  const defaults = options.safeParse({});
  if (!defaults.success) {
    throw new UserError(
      `Every option of method '${method}' needs a default:\n${z.prettifyError(defaults.error)}`,
    );
  }
  if (options.safeParse({ 'no such option': 0 }).success) {
    throw new UserError(
      `The options of method '${method}' let unknown names pass, so that a misspelt one would have no effect: ` +
        'make them a z.strictObject.',
    );
  }
  for (const [option, value] of Object.entries(defaults.data as object)) {
    if (!['number', 'string', 'boolean'].includes(typeof value)) {
      throw new UserError(
        `Option '${option}' of method '${method}' has the default ${JSON.stringify(value)}: it has to be a number, ` +
          'a string or a boolean.',
      );
    }
  }
}

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

/** An option of a method, in words. */
export interface OptionDescription {
  name: string;
  /** What it can be, with the default. */
  values: string;
  description: string;
}

/** The options of a method, as its schema has them. */
export function describeOptions({ options }: Method): OptionDescription[] {
  const { properties = {} } = z.toJSONSchema(options, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { default: standard, description = '', ...rest } = property as z.core.JSONSchema.JSONSchema;
    return { name, values: `${valuesOf(rest)}; default ${standard}`, description };
  });
}

function valuesOf(schema: z.core.JSONSchema.JSONSchema): string {
  const { anyOf, enum: names, const: one, type } = schema;
  if (anyOf) return anyOf.map((part) => valuesOf(part as typeof schema)).join(' or ');
  if (names) return names.join(', ');
  if (one !== undefined) return String(one);
  const kind =
    { integer: 'a whole number', number: 'a number', boolean: 'true or false' }[String(type)] ?? type;
  return [kind, ...boundsOf(schema)].join(' ');
}

function boundsOf(schema: z.core.JSONSchema.JSONSchema): string[] {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  const bounds = { from: minimum, above: exclusiveMinimum, to: maximum, below: exclusiveMaximum };
  // Zod bounds every whole number by those that are exact.
  const chosen = Object.entries(bounds).filter(
    ([, bound]) => typeof bound === 'number' && Math.abs(bound) !== Number.MAX_SAFE_INTEGER,
  );
  return chosen.map(([word, bound]) => `${word} ${bound}`);
}

/** The views that a run's method sees of each image. */
export function viewsOf({ method, options }: Pick<RunConfig, 'method' | 'options'>): ViewKind[] {
  const known = findMethod(method);
  const settings = methodOptions(method, options);
  if (known.views) return known.views(settings);
  if (typeof settings.views === 'string') return viewKinds(settings.views);
  throw new UserError(
    `Method '${method}' has neither a function nor an option 'views': give it one of them.`,
  );
}

/** Builds the networks of a run: the method's own heads on a ResNet-18. */
export function createLearner(config: RunConfig): Learner {
  const method = findMethod(config.method);
  const { name, heads = noHeads(name) } = method;
  return method.create(config, methodOptions(name, config.options), heads);
}

/** What a method without heads is given: it may build something else than `Networks`. */
function noHeads(method: string): Heads {
  const refuse = () => {
    throw new UserError(`Method '${method}' builds heads and names none: set its field heads.`);
  };
  return { name: 'none', layers: 'none', projection: refuse };
}

/** A method's name as the papers write it; one that is not known here stays as it is. */
export function methodName(method: string): string {
  return listMethods().find(({ name }) => name === method)?.title ?? method;
}
