import type { StateDict } from './backbone-names';

/** What tells a method by the tensors beside its backbone. */
interface Signs {
  /** Whether the network to evaluate has the authors' name. */
  student: boolean;
  teacher: boolean;
  prediction: boolean;
  bank: boolean;
  /** The last layer of the projection, and whether its first one has a bias. */
  projection: string;
  bias: boolean;
  /** Length of the embeddings. */
  dim: number | undefined;
}

/**
 * The methods whose networks in the authors' code have these tensors. Several have the very same ones: what tells
 * them apart is their loss, which leaves none.
 */
export function guessMethods(tensors: StateDict): string[] {
  const { student, teacher, prediction, bank, projection, bias, dim } = signsOf(tensors);
  // Others call their heads so too.
  if (!student || projection === '') return [];
  if (!teacher) return prediction ? ['nnclr'] : ['simclr'];
  if (!prediction) {
    if (!bias) return [];
    return dim === 256 ? ['sce'] : ['moco-v2', 'ressl'];
  }
  if (projection.startsWith('layers.')) return bank ? ['mnn', 'msf', 'cmsf'] : ['byol', 'un-mix'];
  return ['snclr'];
}

function signsOf(tensors: StateDict): Signs {
  const names = [...tensors.keys()].map((name) => name.replace(/^module\./, ''));
  const has = (start: string) => names.some((name) => name.startsWith(start));
  const layers = names
    .filter((name) => /^projection_head\..*weight$/.test(name))
    .map((name) => name.slice('projection_head.'.length));
  const last = layers
    .filter((name) => tensorOf(tensors, `projection_head.${name}`)?.shape.length === 2)
    .at(-1);
  return {
    student: has('net.net.'),
    teacher: has('backbone_momentum.net.'),
    prediction: has('prediction_head.'),
    bank: has('memory_bank'),
    projection: layers.at(-1) ?? '',
    bias: names.includes('projection_head.layers.0.bias'),
    dim: last === undefined ? undefined : tensorOf(tensors, `projection_head.${last}`)?.shape[0],
  };
}

function tensorOf(tensors: StateDict, name: string) {
  return tensors.get(name) ?? tensors.get(`module.${name}`);
}
