import { UserError } from '../errors';
import { backboneShapes } from './backbone';
import type { TensorInFile } from './pickle/values';
import { printable } from './printable';

/** Tensors of a file by their names. */
export type StateDict = ReadonlyMap<string, TensorInFile>;

/** Where in a state dict a backbone stands, and what the file calls its tensors. */
export interface BackbonePlace {
  /** What stands before the names of its tensors, such as `net.net.` or `module.encoder_q.`. */
  prefix: string;
  /** Whether it has max pooling; undefined where the names do not tell. */
  maxPool: boolean | undefined;
  /** The file's name of each of torchvision's. */
  nameOf: (name: string) => string;
}

/** How a backbone's children are named: as torchvision's, or numbered as in the authors' networks. */
const namings: { maxPool: boolean | undefined; nameOf: (name: string) => string }[] = [
  { maxPool: undefined, nameOf: (name) => name },
  { maxPool: false, nameOf: (name) => numbered(name, 2) },
  // The pooling takes a number of its own.
  { maxPool: true, nameOf: (name) => numbered(name, 3) },
];

/** `conv1`, `bn1`, ReLU, where there is one the pooling, `layer1` to `layer4`: 0, 1, 2, ... */
function numbered(name: string, beforeLayers: number): string {
  const [child, ...rest] = name.split('.');
  const stage = /^layer(\d)$/.exec(child);
  const number = stage ? Number(stage[1]) + beforeLayers : child === 'conv1' ? 0 : 1;
  return [number, ...rest].join('.');
}

/** Every whole backbone of the state dict, by names alone. */
export function findBackbones(tensors: StateDict): BackbonePlace[] {
  const wanted = [...backboneShapes(1).keys()];
  return namings.flatMap(({ maxPool, nameOf }) => {
    const [first] = wanted;
    const prefixes = [...tensors.keys()]
      .filter((key) => key === nameOf(first) || key.endsWith(`.${nameOf(first)}`))
      .map((key) => key.slice(0, key.length - nameOf(first).length));
    return prefixes
      .filter((prefix) => wanted.every((name) => tensors.has(prefix + nameOf(name))))
      .map((prefix) => ({ prefix, maxPool, nameOf: (name: string) => prefix + nameOf(name) }));
  });
}

/** Parts of names of the networks that follow another, and are not the ones to evaluate. */
const followers = /momentum|teacher|target|ema|encoder_k|key/i;

/**
 * The backbone to take: the one under `prefix`, or the only one that follows no other. The authors evaluate the
 * student, `net`, and not its moving average `backbone_momentum`.
 * @throws UserError that lists the backbones of the file, or names the tensors that are missing for one.
 */
export function chooseBackbone(tensors: StateDict, file: string, prefix?: string): BackbonePlace {
  const found = findBackbones(tensors);
  const leaders = found.filter((place) => !followers.test(place.prefix));
  const wanted = prefix === undefined ? leaders : found.filter((place) => samePrefix(place.prefix, prefix));
  if (wanted.length === 1) return wanted[0];
  if (found.length === 0) throw noBackbone(tensors, file);
  const list = found.map(({ prefix: start }) => printable(start.replace(/\.$/, '')) || "''").join(', ');
  throw new UserError(
    prefix === undefined
      ? `${file} has more than one ResNet-18 that could be meant: ${list}. Name one with --prefix.`
      : `${file} has no ResNet-18 under '${prefix}'. It has: ${list}.`,
  );
}

function samePrefix(prefix: string, asked: string): boolean {
  return prefix === asked || prefix === `${asked}.`;
}

function noBackbone(tensors: StateDict, file: string): UserError {
  const names = [...tensors.keys()].map(printable);
  const shown = names.slice(0, 8).join(', ');
  const first = names.find((name) => /(^|\.)(conv1|0)\.weight$/.test(name));
  const start = first ? ` One seems to begin with ${first}, but its other tensors are not all there.` : '';
  return new UserError(
    `${file} has no ResNet-18 that the kit knows, under torchvision's names or the authors'.${start} ` +
      `It has ${names.length} tensors: ${shown}${names.length > 8 ? ', ...' : ''}.`,
  );
}
