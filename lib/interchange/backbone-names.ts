import { printable } from '../core/byte-source';
import { UserError } from '../core/errors';
import type { TensorInFile } from '../core/pickle/values';
import { backboneShapes } from './backbone';

/** Tensors of a file by their names. */
export type StateDict = ReadonlyMap<string, TensorInFile>;

/** One of a checkpoint's state dicts, and the keys that lead to it, with dots between; none if it is the file. */
export interface NamedStateDict {
  key: string;
  tensors: StateDict;
}

/** Where in a state dict a backbone is, and what the file calls its tensors. */
export interface BackbonePlace {
  /** What comes before the names of its tensors, such as `net.net.` or `module.encoder_q.`. */
  prefix: string;
  /** Whether the file's names are those of the authors' networks, whose stem is known. */
  isAuthors: boolean;
  /** Whether it has max pooling; undefined if the names do not tell. */
  maxPool: boolean | undefined;
  /** Whether its prefix says that it follows another network, as a teacher does. */
  follows: boolean;
  /** The file's name of each of torchvision's. */
  nameOf: (name: string) => string;
  /** Whether the file's name is one of the backbone's parts, and of no head beside them. */
  isInside: (name: string) => boolean;
}

interface Naming {
  /** Children without tensors between the first batch norm and the first stage, if the children are numbered. */
  between?: number;
  nameOf: (name: string) => string;
  /** A child of the backbone, whether a ResNet-18 has it or a larger network. */
  child: RegExp;
}

/**
 * How a backbone's children are named: as torchvision's and timm's, or by numbers. With ReLU and pooling as functions
 * (lightly's ResNet) the stages begin at 2; the authors' networks have a ReLU at 2 and with pooling two children
 * there, as has torchvision's ResNet, whose pooling people replace by nn.Identity: its number tells nothing.
 */
const namings: Naming[] = [...['downsample', 'shortcut'].flatMap(likeTorchvision), likeTransformers()];

function likeTorchvision(shortcut: string): Naming[] {
  const called = (name: string) => name.replace('downsample', shortcut);
  return [
    { nameOf: called, child: /^(conv|bn|layer)\d+\./ },
    ...[0, 1, 2].map((between) => ({
      between,
      nameOf: (name: string) => called(numbered(name, between)),
      child: new RegExp(`^[0-${5 + between}]\\.`),
    })),
  ];
}

/** As the ResNet of Hugging Face's transformers. */
function likeTransformers(): Naming {
  const parts: Record<string, string> = {
    conv1: 'layer.0.convolution',
    bn1: 'layer.0.normalization',
    conv2: 'layer.1.convolution',
    bn2: 'layer.1.normalization',
    'downsample.0': 'shortcut.convolution',
    'downsample.1': 'shortcut.normalization',
  };
  const nameOf = (name: string): string => {
    const [, stage, block, part, value] = /^layer(\d)\.(\d)\.(.+)\.(\w+)$/.exec(name) ?? [];
    if (stage) return `encoder.stages.${Number(stage) - 1}.layers.${block}.${parts[part]}.${value}`;
    return name
      .replace('conv1', 'embedder.embedder.convolution')
      .replace('bn1', 'embedder.embedder.normalization');
  };
  return { nameOf, child: /^(embedder|encoder)\./ };
}

/** `conv1`, `bn1`, what is between, `layer1` to `layer4`: 0, 1, ... */
function numbered(name: string, between: number): string {
  const [child, ...rest] = name.split('.');
  const stage = /^layer(\d)$/.exec(child);
  const number = stage ? Number(stage[1]) + 1 + between : child === 'conv1' ? 0 : 1;
  return [number, ...rest].join('.');
}

/** Every whole backbone of the state dict, by names alone. */
function findBackbones(tensors: StateDict): BackbonePlace[] {
  const wanted = [...backboneShapes(1).keys()];
  return namings.flatMap(({ between, nameOf, child }) => {
    const [first] = wanted;
    const prefixes = [...tensors.keys()]
      .filter((key) => key === nameOf(first) || key.endsWith(`.${nameOf(first)}`))
      .map((key) => key.slice(0, key.length - nameOf(first).length));
    return prefixes
      .filter((prefix) => wanted.every((name) => tensors.has(prefix + nameOf(name))))
      .map((prefix) => {
        const isAuthors = between !== undefined && hasAuthorsNames(tensors, prefix);
        return {
          prefix,
          isAuthors,
          maxPool: isAuthors ? between === 2 : undefined,
          follows: follower.test(prefix),
          nameOf: (name: string) => prefix + nameOf(name),
          isInside: (name: string) => name.startsWith(prefix) && child.test(name.slice(prefix.length)),
        };
      });
  });
}

/** The authors' student or teacher with their heads beside it: of others nobody knows how their stem is used. */
function hasAuthorsNames(tensors: StateDict, prefix: string): boolean {
  const match = /^(module\.|)(net|backbone_momentum)\.net\.$/.exec(prefix);
  return match !== null && [...tensors.keys()].some((name) => name.startsWith(`${match[1]}projection_head.`));
}

/** Words in the names of the networks that follow another, and are not the ones to evaluate. */
export const follower = /(?<![a-z])(momentum|teacher|target|ema|encoder_k|key)(?![a-z])/i;

/** A backbone of a checkpoint, in one of its state dicts. */
export interface FoundBackbone {
  place: BackbonePlace;
  state: NamedStateDict;
}

/** Which of a checkpoint's backbones is wanted. */
export interface BackboneChoice {
  /** The file's key of its state dict, with dots between the keys of dicts in dicts. */
  key?: string;
  /** What comes before its tensors' names. */
  prefix?: string;
}

/**
 * The backbone to take: the one that is asked for, or the only one that follows no other, or the only one. The
 * authors evaluate the student, `net`, and not its moving average `backbone_momentum`.
 * @throws UserError that lists the backbones of the file, or names the tensors that are missing for one.
 */
export function chooseBackbone(
  states: readonly NamedStateDict[],
  file: string,
  { key, prefix }: BackboneChoice = {},
): FoundBackbone {
  const found = distinctBackbones(
    states.flatMap((state) => findBackbones(state.tensors).map((place) => ({ state, place }))),
  );
  const isAsked = ({ state, place }: FoundBackbone) =>
    (key === undefined || state.key === key) && (prefix === undefined || samePrefix(place.prefix, prefix));
  const asked = found.filter(isAsked);
  const leaders = asked.filter(({ state, place }) => !place.follows && !follower.test(state.key));
  const wanted = asked.length === 1 || leaders.length === 0 ? asked : leaders;
  if (wanted.length === 1) return wanted[0];
  if (found.length === 0) throw noBackbone(states, file);
  const list = found.map(describeFound).join(', ');
  if (asked.length > 0) {
    throw new UserError(
      `${file} has more than one ResNet-18 that could be meant: ${list}. Name one with --key and --prefix.`,
    );
  }
  const where = [key && `key '${key}'`, prefix && `prefix '${prefix}'`].filter(Boolean).join(' and ');
  throw new UserError(`${file} has no ResNet-18 under ${where}. It has: ${list}.`);
}

/** As --key and --prefix name it. */
function describeFound({ state, place }: FoundBackbone): string {
  const prefix = printable(place.prefix.replace(/\.$/, '')) || "''";
  return state.key === '' ? prefix : `${prefix} (key ${printable(state.key)})`;
}

/** A module that is registered twice has its tensors under two names. */
function distinctBackbones(found: FoundBackbone[]): FoundBackbone[] {
  const filterOf = ({ state, place }: FoundBackbone) => state.tensors.get(place.nameOf('conv1.weight'))!;
  const isSame = (one: FoundBackbone, other: FoundBackbone) =>
    filterOf(one).storage.key === filterOf(other).storage.key &&
    filterOf(one).offset === filterOf(other).offset;
  return found.filter((one, i) => found.findIndex((other) => isSame(one, other)) === i);
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

/** What a backbone lacks of which most is there, such as the running statistics, which are no parameters. */
function missingTensors(tensors: StateDict): string | undefined {
  const wanted = [...backboneShapes(1).keys()];
  for (const { nameOf } of namings) {
    const first = nameOf('conv1.weight');
    const key = [...tensors.keys()].find((name) => name === first || name.endsWith(`.${first}`));
    if (key === undefined) continue;
    const names = wanted.map((name) => key.slice(0, key.length - first.length) + nameOf(name));
    const missing = names.filter((name) => !tensors.has(name));
    if (missing.length > names.length / 2) continue;
    const shown = missing.slice(0, 3).map(printable).join(', ');
    const statistics = missing.every((name) => /running_(mean|var)$/.test(name));
    return (
      `has a ResNet-18 without ${missing.length} of its ${names.length} tensors: ${shown}${missing.length > 3 ? ', ...' : ''}. ` +
      (statistics
        ? "They are the batch norms' running statistics: save model.state_dict(), not the parameters alone."
        : 'Save the whole of model.state_dict().')
    );
  }
  return undefined;
}

function noBackbone(states: readonly NamedStateDict[], file: string): UserError {
  const most = Math.max(...states.map(({ tensors }) => tensors.size));
  const { tensors } = states.find((state) => state.tensors.size === most)!;
  const incomplete = missingTensors(tensors);
  if (incomplete) return new UserError(`${file} ${incomplete}`);
  const names = [...tensors.keys()].map(printable);
  const shown = names.slice(0, 8).join(', ');
  const first = names.find((name) => /(^|\.)(conv1|0)\.weight$/.test(name));
  const start = first ? ` One seems to begin with ${first}, but its other tensors are not all there.` : '';
  return new UserError(
    `${file} has no ResNet-18 that the kit knows, under torchvision's, transformers' or the authors' names.${start} ` +
      `It has ${names.length} tensors: ${shown}${names.length > 8 ? ', ...' : ''}.`,
  );
}
