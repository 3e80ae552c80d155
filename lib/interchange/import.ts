import { createHash } from 'node:crypto';
import type { ByteSource } from '../core/byte-source';
import { printable } from '../core/byte-source';
import { UserError } from '../core/errors';
import { paperStem } from '../models';
import { nameOfFile } from '../results';
import { type Backbone, type BackboneModel, backboneShapes, checkValues, shapesOf } from './backbone';
import type { TracedBackbone } from './backbone-file';
import {
  type BackboneChoice,
  type BackbonePlace,
  checkNothingElse,
  chooseBackbone,
  follower,
  type StateDict,
} from './backbone-names';
import { guessMethods } from './guess-method';
import { stateDictsOf } from './state-dict';
import { readTensor } from './tensor-values';
import { readTorchFile } from './torch-file';
import type { TorchFile } from './torch-format';

/** How the first layers are used, as far as their tensors do not tell. */
export interface StemOptions {
  /** Whether the network pools after its first convolution. */
  maxPool?: boolean;
  /** Stride of the first convolution. */
  stemStride?: number;
  /** Pixels of padding of the first convolution, on every side. */
  stemPadding?: number;
}

export interface ImportOptions extends BackboneChoice, StemOptions {}

/** An imported backbone, and what its import found out. */
export interface Imported extends TracedBackbone {
  origin: Extract<TracedBackbone['origin'], { kind: 'pytorch' }>;
  /** Whether the file's names, those of the authors, tell how the first layers are used. */
  stemKnown: boolean;
  /** Whether its name says that it follows another network, as a teacher does. */
  follows: boolean;
}

/** How the first layers of a ResNet-18 are usually made. Their tensors look alike, apart from the filter's size. */
export const usualStems: readonly { stem: Required<StemOptions>; networks: string }[] = [
  {
    stem: { stemStride: 1, stemPadding: 1, maxPool: false },
    networks:
      "for small images: lightly's, pytorch-cifar's, or torchvision's and timm's with conv1 = Conv2d(3, 64, 3, 1, 1) " +
      'and maxpool = Identity()',
  },
  { stem: { stemStride: 1, stemPadding: 2, maxPool: false }, networks: "solo-learn's for CIFAR" },
  { stem: { stemStride: 1, stemPadding: 1, maxPool: true }, networks: '3x3 with the pooling kept' },
  {
    stem: { stemStride: 2, stemPadding: 3, maxPool: true },
    networks: "torchvision's and timm's unchanged, 7x7",
  },
];

/** Neither the file nor the caller says how the network's first layers are used. */
export class StemNotTold extends UserError {
  /** @param missing the options without which there would be a guess. */
  constructor(
    readonly file: string,
    readonly network: string,
    readonly missing: (keyof StemOptions)[],
  ) {
    super(
      `${file} has ${network}. Its tensors do not tell ${missing.map((name) => notTold[name]).join(' and ')}, and ` +
        `another one gives other features. Give importBackbone ${missing.join(', ')}, as in the code that made it; ` +
        `${usualStems.map(({ stem, networks }) => `${JSON.stringify(stem)} is ${networks}`).join('; ')}.`,
    );
  }
}

const notTold: Record<keyof StemOptions, string> = {
  stemStride: 'the stride of its first convolution',
  stemPadding: 'the padding of its first convolution',
  maxPool: 'whether there is max pooling after it',
};

/**
 * The backbone in a checkpoint of PyTorch's, the authors' or another with a ResNet-18. Of a network that is not the
 * authors' the options have to say how its first layers are used.
 * @throws UserError that names what is wrong with the file, or what it has instead.
 * @throws StemNotTold if an option is missing.
 */
export async function importBackbone(source: ByteSource, options: ImportOptions = {}): Promise<Imported> {
  const file = await readTorchFile(source);
  const { states, epoch } = stateDictsOf(file.value, source.name);
  const { state, place } = chooseBackbone(states, source.name, options);
  const { key, tensors } = state;
  checkNothingElse(tensors, place, source.name);
  const model = modelOf(tensors, place, options, source.name);
  const backbone: Backbone = { model, tensors: await readTensors(file, tensors, place, model) };
  checkValues(backbone, source.name);
  const used = new Set([...backbone.tensors.keys()].map(place.nameOf));
  const isCounter = (name: string) => name.startsWith(place.prefix) && name.endsWith('.num_batches_tracked');
  return {
    ...backbone,
    stemKnown: place.isAuthors,
    follows: place.follows || follower.test(key),
    origin: {
      kind: 'pytorch',
      file: nameOfFile(source.name),
      sha256: sha256Of(source),
      format: file.format,
      epoch,
      ...(key !== '' && { key }),
      prefix: place.prefix,
      methods: guessMethods(tensors),
      unused: countGroups([...tensors.keys()].filter((name) => !used.has(name) && !isCounter(name))),
    },
  };
}

/** The network that the tensors are computed with. @throws StemNotTold; UserError if options contradict the names. */
function modelOf(
  tensors: StateDict,
  place: BackbonePlace,
  options: StemOptions,
  file: string,
): BackboneModel {
  const { width, size } = sizesOf(tensors, place, file);
  const told: StemOptions = place.isAuthors
    ? { maxPool: place.maxPool, stemStride: paperStem.stride, stemPadding: paperStem.padding }
    : {};
  const names = ['stemStride', 'stemPadding', 'maxPool'] as const;
  for (const name of names) {
    if (told[name] === undefined || options[name] === undefined || told[name] === options[name]) continue;
    throw new UserError(
      `${file} has a network of the authors', ${told.maxPool ? 'with' : 'without'} max pooling and with a first ` +
        `convolution of stride 1 and padding 1, as its tensors' names tell: leave ${name} out.`,
    );
  }
  const { maxPool, stemStride, stemPadding } = { ...told, ...options };
  if (maxPool === undefined || stemStride === undefined || stemPadding === undefined) {
    const network = `${printable(place.prefix)}*, a ResNet-18 of width ${width} with a first convolution of ${size}x${size}`;
    const missing = names.filter((name) => told[name] === undefined && options[name] === undefined);
    throw new StemNotTold(file, network, missing);
  }
  const stem = { size, stride: stemStride, padding: stemPadding };
  const isPapers = (Object.keys(stem) as (keyof typeof stem)[]).every(
    (name) => stem[name] === paperStem[name],
  );
  return { width, maxPool, ...(!isPapers && { stem }) };
}

/** How many names begin with each of their first words, `module` with the next. */
function countGroups(names: string[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) {
    const group = /^(module\.)?[^.]*/.exec(name)![0];
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** The network's width and the size of its first filter. @throws UserError that names a tensor of another shape. */
function sizesOf(tensors: StateDict, place: BackbonePlace, file: string): { width: number; size: number } {
  const [width, channels, size] = tensors.get(place.nameOf('conv1.weight'))!.shape;
  if (!width) throw new UserError(`${file} has a ResNet-18 without channels.`);
  if (channels !== 3) {
    throw new UserError(
      `${file}: the first convolution, ${printable(place.nameOf('conv1.weight'))}, takes images of ${channels} ` +
        `channel${channels === 1 ? '' : 's'}, and those here are RGB. Such a network cannot be evaluated on them.`,
    );
  }
  for (const [name, shape] of backboneShapes(width, size)) {
    const there = tensors.get(place.nameOf(name))!.shape;
    if (there.join() === shape.join()) continue;
    throw new UserError(
      `${file}: ${printable(place.nameOf(name))} has the shape [${there}] where a ResNet-18 of width ${width} has ` +
        `[${shape}].`,
    );
  }
  return { width, size };
}

async function readTensors(
  file: TorchFile,
  tensors: StateDict,
  place: BackbonePlace,
  model: BackboneModel,
): Promise<Backbone['tensors']> {
  const values: Backbone['tensors'] = new Map();
  for (const name of shapesOf(model).keys()) {
    const known = place.nameOf(name);
    values.set(name, await readTensor(file, known, tensors.get(known)!));
  }
  return values;
}

function sha256Of(source: ByteSource): string {
  const hash = createHash('sha256');
  const chunk = 1 << 24;
  for (let from = 0; from < source.size; from += chunk) {
    hash.update(source.read(from, Math.min(chunk, source.size - from)));
  }
  return hash.digest('hex');
}
