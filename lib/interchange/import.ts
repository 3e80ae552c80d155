import { createHash } from 'node:crypto';
import { UserError } from '../errors';
import { type Backbone, backboneShapes, checkValues } from './backbone';
import { nameOfFile, type TracedBackbone } from './backbone-file';
import { type BackbonePlace, checkNothingElse, chooseBackbone, type StateDict } from './backbone-names';
import type { ByteSource } from './byte-source';
import { guessMethods } from './guess-method';
import { printable } from './printable';
import { stateDictOf } from './state-dict';
import { readTensor } from './tensor-values';
import { readTorchFile, type TorchFile } from './torch-file';

export interface ImportOptions {
  /** Which of the file's backbones, by what stands before its tensors' names. */
  prefix?: string;
  /** Whether the network pools after its first convolution, where the names do not tell. Default: as they do, or false. */
  maxPool?: boolean;
}

/** An imported backbone, and what its import found out. */
export interface Imported extends TracedBackbone {
  origin: Extract<TracedBackbone['origin'], { kind: 'pytorch' }>;
  /** Whether the file's names say if there is max pooling. */
  maxPoolKnown: boolean;
  /** Whether its name says that it follows another network, as a teacher does. */
  follows: boolean;
}

/**
 * The backbone in a checkpoint of PyTorch's, the authors' or another with a ResNet-18 for small pictures.
 * @throws UserError that names what is wrong with the file, or what it has instead.
 */
export async function importBackbone(source: ByteSource, options: ImportOptions = {}): Promise<Imported> {
  const file = await readTorchFile(source);
  const { tensors, epoch } = stateDictOf(file.value, source.name);
  const place = chooseBackbone(tensors, source.name, options.prefix);
  checkNothingElse(tensors, place, source.name);
  const backbone: Backbone = {
    model: {
      width: widthOf(tensors, place, source.name),
      maxPool: maxPoolOf(place, options, source.name),
    },
    tensors: await readTensors(file, tensors, place),
  };
  checkValues(backbone, source.name);
  const used = new Set([...backbone.tensors.keys()].map(place.nameOf));
  const isCounter = (name: string) => name.startsWith(place.prefix) && name.endsWith('.num_batches_tracked');
  return {
    ...backbone,
    maxPoolKnown: place.maxPool !== undefined,
    follows: place.follows,
    origin: {
      kind: 'pytorch',
      file: nameOfFile(source.name),
      sha256: sha256Of(source),
      format: file.format,
      epoch,
      prefix: place.prefix,
      methods: guessMethods(tensors),
      unused: countGroups([...tensors.keys()].filter((name) => !used.has(name) && !isCounter(name))),
    },
  };
}

/** @throws UserError where the names say otherwise than the options. */
function maxPoolOf(place: BackbonePlace, { maxPool }: ImportOptions, file: string): boolean {
  if (place.maxPool !== undefined && maxPool !== undefined && place.maxPool !== maxPool) {
    throw new UserError(
      `${file} has a network ${place.maxPool ? 'with' : 'without'} max pooling, as the numbers in its tensors' names ` +
        `tell: leave ${maxPool ? '--max-pool' : 'maxPool'} out.`,
    );
  }
  return place.maxPool ?? maxPool ?? false;
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

/** The network's width. @throws UserError that names a tensor whose shape does not fit it. */
function widthOf(tensors: StateDict, place: BackbonePlace, file: string): number {
  const [width] = tensors.get(place.nameOf('conv1.weight'))!.shape;
  if (!width) throw new UserError(`${file} has a ResNet-18 without channels.`);
  for (const [name, shape] of backboneShapes(width)) {
    const there = tensors.get(place.nameOf(name))!.shape;
    if (there.join() === shape.join()) continue;
    throw new UserError(
      `${file}: ${printable(place.nameOf(name))} has the shape [${there}] where the kit's ResNet-18 of width ${width} has ` +
        `[${shape}]. Its first convolution is 3x3, as for small pictures.`,
    );
  }
  return width;
}

async function readTensors(
  file: TorchFile,
  tensors: StateDict,
  place: BackbonePlace,
): Promise<Backbone['tensors']> {
  const values: Backbone['tensors'] = new Map();
  for (const name of backboneShapes(1).keys()) {
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
