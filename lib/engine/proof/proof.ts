import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { extname, join, relative } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../../core/files';
import { runChild } from '../install/child';
import { fileChecksum } from '../install/library';
import { gpuName, processorName } from '../install/processor';
import type { Precision } from '../native/tensorflow';
import { tensorflowVariables } from '../native/tensorflow';
import { batteryVersion } from './battery';

const partSchema = z.object({
  /** How many computations were compared. */
  computations: z.int(),
  /** The first one that is wrong; null when none is. */
  wrong: z.string().nullable(),
});

const outcomeSchema = z.object({
  /** TensorFlow's version and device; null when it crashed before it could say so. */
  version: z.string().nullable(),
  device: z.enum(['CPU', 'GPU']).nullable(),
  tensorflow: partSchema,
  /** The kit's own operations; null when there are none, or TensorFlow itself is wrong. */
  operations: partSchema.nullable(),
});

/** How an engine's results compared with values computed in double precision. */
export type Outcome = z.infer<typeof outcomeSchema>;

/** Where and how an engine was proven: when one of these differs, it has to be proven anew. */
const conditionsSchema = z.object({
  processor: z.string(),
  gpu: z.string().nullable(),
  platform: z.string(),
  precision: z.string(),
  /** Variables that libraries read, and a compiled operation's sources. */
  environment: z.record(z.string(), z.string()),
  sources: z.string().nullable(),
  battery: z.int(),
});

const fileSchema = z.object({ path: z.string(), bytes: z.int(), modified: z.number(), sha256: z.string() });
type ProvenFile = z.infer<typeof fileSchema>;

const proofSchema = z.object({
  conditions: conditionsSchema,
  files: z.array(fileSchema),
  provenAt: z.iso.datetime(),
  outcome: outcomeSchema,
});

/** An outcome with what it was found out about. */
export type Proof = z.infer<typeof proofSchema>;

/** What the proving process prints, a line each. */
export type Line =
  | { part: 'tensorflow' | 'operations'; at: string }
  | ({ part: 'tensorflow' | 'operations' } & z.infer<typeof partSchema>)
  | { version: string; device: 'CPU' | 'GPU' }
  | { error: string };

/** A native engine that can be proven. */
export interface Provable {
  /** What a reader knows it by. */
  title: string;
  /** tfjs-node's package, with its binding and TensorFlow. */
  package: string;
  /** The kit's own operations, compiled; they need not exist. */
  operations?: string;
  /** Where its proofs are kept, if that folder can be written. */
  proofs: string;
  /** sha256 of the sources of the kit's operations. */
  sources?: string | null;
}

export interface ProveOptions {
  /** Default: float32. */
  precision?: Precision;
  signal?: AbortSignal;
  /** Longest time of one computation, in milliseconds. */
  timeoutMs?: number;
  /** Forget a proof that is kept. */
  anew?: boolean;
  /** Receives a line when a proof has to be made, which takes a few seconds. */
  say?: (line: string) => void;
}

/**
 * The proof of an engine under the present conditions: the one that is kept, if none of the engine's files has
 * changed since, else a new one.
 * @throws Error if the engine does not start at all; Interrupted when `signal` aborts.
 */
export async function proofOf(engine: Provable, options: ProveOptions = {}): Promise<Proof> {
  const conditions = conditionsOf(engine, options);
  const kept = options.anew ? undefined : await keptProof(engine, conditions);
  if (kept) return kept;
  options.say?.(`Proving ${engine.title} on this processor, once; it takes a few seconds ...`);
  return keepProof(engine, await prove(engine, options), options);
}

/** Keeps an outcome with the engine, else in the user's cache; when neither can be written, it is made again next time. */
export async function keepProof(
  engine: Provable,
  outcome: Outcome,
  options: ProveOptions = {},
): Promise<Proof> {
  const conditions = conditionsOf(engine, options);
  const sums = new Map<string, Promise<string>>();
  const checksum = (path: string) => {
    // A library has several names.
    const place = realpathSync(join(engine.package, path));
    if (!sums.has(place)) sums.set(place, fileChecksum(place));
    return sums.get(place)!;
  };
  const files = await Promise.all(
    partsOf(engine).map(async (file) => ({ ...file, sha256: await checksum(file.path) })),
  );
  const proof: Proof = { conditions, files, provenAt: new Date().toISOString(), outcome };
  writeProof(engine, proof);
  return proof;
}

function writeProof(engine: Provable, proof: Proof): void {
  for (const path of proofPaths(engine, proof.conditions)) {
    try {
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileAtomic(path, `${JSON.stringify(proof, null, 2)}\n`);
      return;
    } catch {
      // The next place may be one that can be written.
    }
  }
}

/** A proof of these very files; one whose files only have other times is brought up to date. */
async function keptProof(engine: Provable, conditions: Proof['conditions']): Promise<Proof | undefined> {
  const parts = partsOf(engine);
  for (const path of proofPaths(engine, conditions)) {
    if (!existsSync(path)) continue;
    const proof = readProof(path);
    if (!proof || proof.files.length !== parts.length) continue;
    const known = new Map(proof.files.map((file) => [file.path, file]));
    const touched = parts.filter((part) => known.get(part.path)?.modified !== part.modified);
    const same = parts.every((part) => known.get(part.path)?.bytes === part.bytes);
    if (!same || !(await allSame(engine, touched, known))) continue;
    if (touched.length > 0) {
      const files = parts.map((part) => ({ ...known.get(part.path)!, ...part }));
      writeProof(engine, { ...proof, files });
    }
    return proof;
  }
  return undefined;
}

async function allSame(
  engine: Provable,
  parts: { path: string }[],
  known: Map<string, ProvenFile>,
): Promise<boolean> {
  for (const { path } of parts)
    if ((await fileChecksum(join(engine.package, path))) !== known.get(path)?.sha256) return false;
  return true;
}

function readProof(path: string): Proof | undefined {
  try {
    return proofSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** The files of an engine that decide what it computes, seen from its package, with their sizes and times. */
function partsOf({ package: folder, operations }: Provable): Omit<ProvenFile, 'sha256'>[] {
  const below = (name: string) =>
    existsSync(join(folder, name))
      ? readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).map((path) => join(name, path))
      : [];
  const decisive = [...below('dist'), ...below('lib'), ...below(join('deps', 'lib'))].filter((path) =>
    /\.js$|\.node$|\.so|\.dylib|\.dll$/.test(path),
  );
  const own = operations && existsSync(operations) ? [relative(folder, operations)] : [];
  return ['package.json', ...decisive, ...own].sort().flatMap((path) => {
    const kind = statSync(join(folder, path), { throwIfNoEntry: false });
    return kind?.isFile() ? [{ path, bytes: kind.size, modified: kind.mtimeMs }] : [];
  });
}

/** Variables that change what a library computes, or which library it is; not its threads, memory or log. */
const decisiveVariable =
  /^(TF_(?!NUM_|CPP_|CPU_)|XLA_|ONEDNN_|DNNL_|MKL_|OMP_|KMP_|EIGEN_|CUDA_|CUDNN_|CUBLAS_|NVIDIA_|LD_|DYLD_|GLIBC_)/;

function conditionsOf(
  { sources = null }: Provable,
  { precision = 'float32' }: ProveOptions,
): Proof['conditions'] {
  const all = { ...process.env, ...tensorflowVariables(precision) };
  const variables = Object.entries(all).filter(([name]) => decisiveVariable.test(name));
  return {
    processor: processorName(),
    gpu: gpuName() ?? null,
    platform: `${process.platform} ${process.arch}`,
    precision,
    environment: Object.fromEntries(variables.sort()) as Record<string, string>,
    sources,
    battery: batteryVersion,
  };
}

/** Where a proof may be: with the engine, or in the user's cache, by the engine's place. */
function proofPaths(engine: Provable, conditions: Proof['conditions']): string[] {
  const short = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16);
  const name = `${short(JSON.stringify(conditions))}.json`;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const place = existsSync(engine.package) ? realpathSync(engine.package) : engine.package;
  return [join(engine.proofs, name), join(cache, 'mnn-kit', 'proofs', short(place), name)];
}

/**
 * Lets a process of its own compare what the engine computes with values in double precision. That the process
 * crashes or hangs is an outcome too.
 * @throws Error if the engine does not start at all; Interrupted when `signal` aborts.
 */
export async function prove(engine: Provable, options: ProveOptions = {}): Promise<Outcome> {
  const operations = engine.operations && existsSync(engine.operations) ? engine.operations : undefined;
  const outcome = await proveOnce(engine, operations, options);
  // Memory that TensorFlow's part damaged may be noticed only in the other: that part has to end well alone too.
  const blamed = outcome.operations?.wrong ? await proveOnce(engine, undefined, options) : outcome;
  return { ...outcome, tensorflow: blamed.tensorflow };
}

async function proveOnce(
  engine: Provable,
  operations: string | undefined,
  { precision = 'float32', signal, timeoutMs = gpuName() ? 300_000 : 60_000 }: ProveOptions,
): Promise<Outcome> {
  const script = join(__dirname, `child${extname(__filename)}`);
  const loader = script.endsWith('.ts') ? ['-r', require.resolve('tsx/cjs')] : [];
  const lines: Line[] = [];
  let rest = '';
  let hangs = false;
  const { code, signal: killer } = await runChild(
    process.execPath,
    [...loader, script, engine.package, operations ?? '', precision],
    {
      // Memory from the C library, which notices damage; on Linux it holds 3.4e38 when fresh, so that values which were
      // never written show.
      env: {
        TF_CPP_MIN_LOG_LEVEL: '2',
        ...process.env,
        ...tensorflowVariables(precision),
        MALLOC_PERTURB_: '128',
        TF_CPU_ALLOCATOR_USE_BFC: 'false',
      },
      signal,
      timeoutMs,
      onOutput(text) {
        const complete = `${rest}${text}`.split('\n');
        rest = complete.pop()!;
        for (const line of complete) if (line.startsWith('{"')) lines.push(JSON.parse(line));
      },
    },
  ).catch((error: Error) => {
    if (signal?.aborted || lines.length === 0) throw error;
    hangs = true;
    return { code: null, signal: null } as const;
  });
  const failed = lines.find((line) => 'error' in line);
  if (failed) throw new Error(failed.error);
  if (lines.length === 0) throw new Error(`the proving process ends with ${code ?? killer}`);
  // Somebody, or a machine without memory, ended it: that says nothing about the engine.
  if (killer && ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'].includes(killer)) {
    throw new Error(`the proving process was killed (${killer})`);
  }
  return outcomeOf(lines, hangs ? 'hangs' : code === 0 ? undefined : `crashes (${killer ?? `code ${code}`})`);
}

/** What the lines of the proving process amount to, when it ended well or by itself did not. */
function outcomeOf(lines: Line[], accident: string | undefined): Outcome {
  const self = lines.find((line) => 'version' in line);
  const last = lines.findLast((line) => 'part' in line)!;
  const part = (name: 'tensorflow' | 'operations') => {
    const end = lines.find((line) => 'computations' in line && line.part === name);
    const found = end && 'wrong' in end ? { computations: end.computations, wrong: end.wrong } : undefined;
    if (found?.wrong || !accident || last.part !== name) return found;
    const computations = lines.filter((line) => 'at' in line && line.part === name).length;
    return { computations, wrong: `it ${accident}${'at' in last ? ` in ${last.at}` : ' at its end'}` };
  };
  return {
    version: self?.version ?? null,
    device: self?.device ?? null,
    tensorflow: part('tensorflow')!,
    operations: part('operations') ?? null,
  };
}
