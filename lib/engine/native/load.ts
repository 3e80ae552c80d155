import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { operationsChecksum } from '../install/build';
import {
  type EngineLayout,
  engineLayout,
  enginesFolder,
  installedNames,
  tfjsNode,
  tfjsNodeFolder,
} from '../install/folders';
import { readManifest } from '../install/manifest';
import { processorName } from '../install/processor';
import { type Proof, type Provable, type ProveOptions, proofOf } from '../proof';
import { memoryVariables, type Precision, requireTensorFlow, tensorflowVariables } from './tensorflow';

export interface NativeTensorFlow {
  packageName: string;
  /** Version of the TensorFlow library behind it. */
  version: string;
  /** 'CPU' or 'GPU'. */
  device: string;
  /** What the kit's own operations need channels to be a multiple of; undefined when they do not run. */
  channelMultiple?: number;
  proof: Proof;
}

export interface LoadOptions {
  threads: number;
  precision: Precision;
  /** Receives a line about what takes time or is not as expected. */
  say: (line: string) => void;
}

/** What is said of an engine whose results are wrong. */
export const notRight = 'is not right on this processor';

/** A native engine is installed, but its results are wrong here, so it is not used. */
export class EngineRefused extends Error {
  override name = 'EngineRefused';
}

/**
 * Loads native TensorFlow, which registers the backend 'tensorflow', after it was proven right on this processor.
 * @throws EngineRefused if none that is installed is right; Error that says for each engine and the package why it does
 * not load.
 */
export async function loadNative({ threads, precision, say }: LoadOptions): Promise<NativeTensorFlow> {
  if ((process.env.TF_ENABLE_ONEDNN_OPTS ?? '0') !== '0') {
    say(
      `TF_ENABLE_ONEDNN_OPTS=${process.env.TF_ENABLE_ONEDNN_OPTS} is ignored: the kit runs without oneDNN.`,
    );
  }
  Object.assign(process.env, tensorflowVariables(precision));
  Object.assign(process.env, { ...memoryVariables(), ...process.env });
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  const reasons: string[] = [];
  let refused = false;
  for (const { title, layout, ...engine } of candidates()) {
    try {
      if (!isBuilt(engine.package)) throw new Error('is not built');
      const proof = await proofOf({ title, ...engine }, { precision, say });
      const { tensorflow, operations } = proof.outcome;
      if (tensorflow.wrong !== null) {
        refused = true;
        throw new Error(`${notRight}: ${tensorflow.wrong}`);
      }
      const { version, device } = requireTensorFlow(engine.package);
      // They are made for processors; on a GPU TensorFlow's own are taken.
      const channelMultiple =
        device === 'CPU' && layout ? startKernels(layout, threads, operations?.wrong, say) : undefined;
      return { packageName: tfjsNode, version, device, channelMultiple, proof };
    } catch (error) {
      const [message] = (error as Error).message.split('\n');
      reasons.push(`${title}: ${message}`);
    }
  }
  throw new (refused ? EngineRefused : Error)(reasons.join('; '));
}

/** Proves every native engine that is here anew, whatever is known about it. */
export async function proveNative(options: ProveOptions = {}): Promise<{ title: string; proof: Proof }[]> {
  const proofs: { title: string; proof: Proof }[] = [];
  for (const engine of candidates().filter(({ package: folder }) => isBuilt(folder))) {
    proofs.push({ title: engine.title, proof: await proofOf(engine, { ...options, anew: true }) });
  }
  return proofs;
}

/** Where native TensorFlow may be: the installed engines first, then the package. */
function candidates(): (Provable & { layout?: EngineLayout })[] {
  const installed = installedNames
    .map((name) => ({ title: name, layout: engineLayout(join(enginesFolder(), name)) }))
    .filter(({ layout }) => existsSync(layout.folder))
    .map(({ title, layout }) => {
      const engine = provable(title, layout);
      // Code for another processor is neither proven nor used.
      if (!madeHere(layout)) engine.operations = undefined;
      return { ...engine, layout };
    });
  return [
    ...installed,
    { title: tfjsNode, package: tfjsNodeFolder(), proofs: join(enginesFolder(), 'proofs') },
  ];
}

/** An installed engine, or one that is being installed, as what can be proven. */
export function provable(title: string, layout: EngineLayout): Provable {
  return {
    title,
    package: layout.package,
    operations: layout.kernels,
    proofs: join(layout.folder, 'proofs'),
    sources: operationsChecksum(),
  };
}

/** Whether a package of tfjs-node has its binding: `lib/napi-v8/tfjs_binding.node`, for example. */
function isBuilt(folder: string): boolean {
  const versions = join(folder, 'lib');
  return (
    existsSync(versions) &&
    readdirSync(versions).some((version) => existsSync(join(versions, version, 'tfjs_binding.node')))
  );
}

/** Registers the kit's own operations with the loaded TensorFlow; it works without them, but more slowly. */
function startKernels(
  layout: EngineLayout,
  threads: number,
  wrong: string | null | undefined,
  say: (line: string) => void,
): number | undefined {
  if (!existsSync(layout.kernels)) return undefined;
  try {
    if (!madeHere(layout)) throw new Error('they were compiled for another processor');
    if (wrong) throw new Error(`they are not right on this processor: ${wrong}`);
    return require(layout.kernels).start(threads);
  } catch (error) {
    const reason = (error as Error).message;
    say(`The kit's own operations do not start (${reason}): npx mnn engine install --force`);
    return undefined;
  }
}

/** Whether an engine's operations were compiled for this processor: others end the process when they run. */
function madeHere(layout: EngineLayout): boolean {
  return readManifest(layout)?.ingredients.processor === processorName();
}
