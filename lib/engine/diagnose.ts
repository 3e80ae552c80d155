import { type Engine, type EngineName, engineNames, fastest, startEngine } from './engine';

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
  native:
    'Its package is there without TensorFlow itself. Where its download is reachable: ' +
    'cd node_modules/@tensorflow/tfjs-node-gpu && npm run install',
  webgpu:
    "Install the Vulkan driver of your GPU: it comes with the vendor's driver, or on Debian and Ubuntu with " +
    'mesa-vulkan-drivers for AMD and Intel; libvulkan1 loads it.',
  wasm: 'Run `npm ci` again: @tensorflow/tfjs-backend-wasm is incomplete.',
  cpu: 'Run `npm ci` again: @tensorflow/tfjs is incomplete.',
};

/** Starts every engine once, the fastest first. */
export async function diagnoseEngines(): Promise<EngineDiagnosis[]> {
  const diagnoses: EngineDiagnosis[] = [];
  const engines: Engine[] = [];
  for (const name of engineNames) {
    try {
      const engine = await startEngine({ engine: name });
      engines.push(engine);
      diagnoses.push({ name, works: true, detail: describe(engine), chosen: false });
    } catch (error) {
      const detail = (error as Error).message.split('\n')[1] ?? (error as Error).message;
      diagnoses.push({ name, works: false, detail, remedy: remedies[name], chosen: false });
    }
  }
  const taken = fastest(engines)?.name;
  return diagnoses.map((diagnosis) => ({ ...diagnosis, chosen: diagnosis.name === taken }));
}

function describe({ name, version, threads, device, gpu }: Engine): string {
  if (name !== 'webgpu') return `${version}, ${threads} threads on ${device}`;
  const caution = gpu ? '' : ': no GPU but a driver in software, slow, so only taken by name';
  return `${version} on ${device}${caution}`;
}
