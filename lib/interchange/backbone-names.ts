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
  /** Whether its prefix says that it follows another network, as a teacher does. */
  follows: boolean;
  /** The file's name of each of torchvision's. */
  nameOf: (name: string) => string;
  /** Whether the file's name is one of the backbone's parts, and of no head beside them. */
  isInside: (name: string) => boolean;
}

interface Naming {
  maxPool: boolean | undefined;
  nameOf: (name: string) => string;
  /** A child of the backbone, whether a ResNet-18 has it or a larger network. */
  child: RegExp;
}

/** How a backbone's children are named: as torchvision's, or numbered as in the authors' networks. */
const namings: Naming[] = [
  { maxPool: undefined, nameOf: (name) => name, child: /^(conv|bn|layer)\d+\./ },
  { maxPool: false, nameOf: (name) => numbered(name, 2), child: /^[0-6]\./ },
  // The pooling takes a number of its own.
  { maxPool: true, nameOf: (name) => numbered(name, 3), child: /^[0-7]\./ },
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
  return namings.flatMap(({ maxPool, nameOf, child }) => {
    const [first] = wanted;
    const prefixes = [...tensors.keys()]
      .filter((key) => key === nameOf(first) || key.endsWith(`.${nameOf(first)}`))
      .map((key) => key.slice(0, key.length - nameOf(first).length));
    return prefixes
      .filter((prefix) => wanted.every((name) => tensors.has(prefix + nameOf(name))))
      .map((prefix) => ({
        prefix,
        maxPool,
        follows: follower.test(prefix),
        nameOf: (name: string) => prefix + nameOf(name),
        isInside: (name: string) => name.startsWith(prefix) && child.test(name.slice(prefix.length)),
      }));
  });
}

/** Words in the names of the networks that follow another, and are not the ones to evaluate. */
const follower = /(?<![a-z])(momentum|teacher|target|ema|encoder_k|key)(?![a-z])/i;

/**
 * The backbone to take: the one under `prefix`, or the only one that follows no other, or the only one. The authors
 * evaluate the student, `net`, and not its moving average `backbone_momentum`.
 * @throws UserError that lists the backbones of the file, or names the tensors that are missing for one.
 */
export function chooseBackbone(tensors: StateDict, file: string, prefix?: string): BackbonePlace {
  const found = findBackbones(tensors);
  const leaders = found.length === 1 ? found : found.filter(({ follows }) => !follows);
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

/**
 * A larger network has every tensor of a ResNet-18 and others among them.
 * @throws UserError that names the first of these.
 */
export function checkNothingElse(tensors: StateDict, place: BackbonePlace, file: string): void {
  const known = new Set([...backboneShapes(1).keys()].map(place.nameOf));
  const other = [...tensors.keys()].find(
    (name) => place.isInside(name) && !known.has(name) && !name.endsWith('.num_batches_tracked'),
  );
  if (other === undefined) return;
  throw new UserError(
    `${file} holds another network than a ResNet-18: its ${printable(other)} is none of a ResNet-18's tensors ` +
      'and stands among them, as in a ResNet-34, or one whose convolutions have biases.',
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
