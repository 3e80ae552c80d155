import { unknownName } from '../core/errors';
import {
  defaultEngine,
  type Engine,
  type EngineName,
  type EngineOptions,
  engineNames,
  fastest,
  startEngine,
} from './engine';
import { writeChoice } from './install/choice';
import { notRight } from './native/load';
import type { Proof } from './proof';

/** How an engine fares on this machine. */
export interface EngineDiagnosis {
  name: EngineName;
  works: boolean;
  /** Version, threads and device, or why it does not start. */
  detail: string;
  /** What to do about an engine that does not start. */
  remedy?: string;
  /** How it was proven right on this processor, if it has to be. */
  proof?: Proof;
  /** Whether it is the one that runs take by default. */
  chosen: boolean;
}

const remedies: Record<EngineName, string> = {
  native: 'Install it: npx mnn engine install (with --force where it is there and does not load)',
  webgpu:
    "Install the Vulkan driver of your GPU: it comes with the vendor's driver, or on Debian and Ubuntu with " +
    'mesa-vulkan-drivers for AMD and Intel; libvulkan1 loads it.',
  wasm: 'Run `npm ci` again: @tensorflow/tfjs-backend-wasm is incomplete.',
  cpu: 'Run `npm ci` again: @tensorflow/tfjs is incomplete.',
};

const refusedRemedy =
  'Another engine computes instead. A newer TensorFlow may be right (npx mnn engine install --from <wheel>); ' +
  'npx mnn engine prove compares again.';

const memoryRemedy =
  'WebAssembly reserves up to 4 GB of addresses, more than this process may have: raise the limit of virtual memory ' +
  '(ulimit -v), which login nodes often set.';

function remedyFor(name: EngineName, detail: string): string {
  if (detail.includes(notRight)) return refusedRemedy;
  return name === 'wasm' && /could not allocate memory|out of memory/i.test(detail)
    ? memoryRemedy
    : remedies[name];
}

/** Starts every engine once, the fastest first; `say` as for `startEngine`. */
export async function diagnoseEngines({ say }: Pick<EngineOptions, 'say'> = {}): Promise<EngineDiagnosis[]> {
  const diagnoses: EngineDiagnosis[] = [];
  const engines: Engine[] = [];
  for (const name of engineNames) {
    try {
      const engine = await startEngine({ engine: name, say });
      engines.push(engine);
      diagnoses.push({
        name,
        works: true,
        detail: describe(engine),
        proof: engine.proof,
        chosen: false,
      });
    } catch (error) {
      const [, reason] = (error as Error).message.split('\n');
      const detail = reason?.replace(`${name}: `, '') ?? (error as Error).message;
      diagnoses.push({ name, works: false, detail, remedy: remedyFor(name, detail), chosen: false });
    }
  }
  const wanted = defaultEngine();
  const taken = wanted === 'auto' ? fastest(engines)?.name : wanted;
  return diagnoses.map((diagnosis) => ({
    ...diagnosis,
    chosen: diagnosis.works && diagnosis.name === taken,
  }));
}

function describe({ name, version, threads, device, gpu }: Engine): string {
  if (name !== 'webgpu') return `${version}, ${threads} threads on ${device}`;
  const caution = gpu ? '' : ': no GPU but a driver in software, slow, so only taken by name';
  return `${version} on ${device}${caution}`;
}

/**
 * Makes an engine the project's choice; 'auto' takes the choice back. `--engine` and MNN_ENGINE go before it.
 * @throws UserError if the engine is unknown.
 */
export function chooseEngine(name: string): void {
  if (name !== 'auto' && !engineNames.some((known) => known === name)) {
    throw unknownName('engine', name, ['auto', ...engineNames]);
  }
  writeChoice(name === 'auto' ? undefined : name);
}
