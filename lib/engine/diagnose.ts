import { defaultEngine, type EngineName, engineNames, startEngine } from './engine';

/** How an engine fares on this machine. */
export interface EngineDiagnosis {
  name: EngineName;
  works: boolean;
  /** Version, threads and device, or why it does not start. */
  detail: string;
  /** What to do about an engine that does not start. */
  remedy?: string;
  /** Whether it is the one that runs take by default. */
  chosen: boolean;
}

const remedies: Record<EngineName, string> = {
  native: 'Install it: npx mnn engine install (with --force where it is there and does not load)',
  wasm: 'Run `npm ci` again: @tensorflow/tfjs-backend-wasm is incomplete.',
  cpu: 'Run `npm ci` again: @tensorflow/tfjs is incomplete.',
};

/** Starts every engine once, the fastest first. */
export async function diagnoseEngines(): Promise<EngineDiagnosis[]> {
  const diagnoses: EngineDiagnosis[] = [];
  const wanted = defaultEngine();
  for (const name of engineNames) {
    try {
      const { version, threads, device } = await startEngine({ engine: name });
      const chosen = wanted === 'auto' ? diagnoses.every(({ works }) => !works) : wanted === name;
      diagnoses.push({ name, works: true, detail: `${version}, ${threads} threads on ${device}`, chosen });
    } catch (error) {
      const [, reason] = (error as Error).message.split('\n');
      const detail = reason?.replace(`${name}: `, '') ?? (error as Error).message;
      diagnoses.push({ name, works: false, detail, remedy: remedies[name], chosen: false });
    }
  }
  return diagnoses;
}
