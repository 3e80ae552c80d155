import { join } from 'node:path';
import { engineLayout, enginesFolder, installedNames } from './folders';
import { readManifest } from './manifest';
import { compilerRemedy, findCompiler, findOnPath, findPip, pipRemedy, programVersion } from './programs';
import { probeStandardDownload } from './standard-download';

/** One way to native TensorFlow, and whether it is open here. */
export interface Rung {
  name: string;
  works: boolean;
  detail: string;
  /** What to do about one that does not work. */
  remedy?: string;
}

/** The ways to native TensorFlow in the order that an install tries them. */
export async function diagnoseRungs(env: NodeJS.ProcessEnv = process.env): Promise<Rung[]> {
  return [...installedRungs(), await downloadRung(env), await pipRung(env), await compilerRung(env)];
}

/** Whether `mnn engine install` has a chance here, told at once: nothing is started or asked for. */
export function canInstallNative(env: NodeJS.ProcessEnv = process.env): boolean {
  const pip = findOnPath(['pip', 'pip3', 'python3', 'python'], env);
  return process.platform !== 'win32' && pip !== undefined && findCompiler(env) !== undefined;
}

function installedRungs(): Rung[] {
  return installedNames.map((name) => {
    const layout = engineLayout(join(enginesFolder(), name));
    const manifest = readManifest(layout);
    if (!manifest) {
      const remedy = `npx mnn engine install${name === 'native-gpu' ? ' --gpu' : ''}`;
      return { name, works: false, detail: 'not installed', remedy };
    }
    const own = manifest.kernels ? ", with the kit's own operations" : '';
    return { name, works: true, detail: `TensorFlow ${manifest.tensorflow} from ${manifest.source}${own}` };
  });
}

async function downloadRung(env: NodeJS.ProcessEnv): Promise<Rung> {
  const refusal = await probeStandardDownload({ gpu: false, env });
  const name = 'download';
  if (!refusal) return { name, works: true, detail: "the host of tfjs-node's own download answers" };
  const remedy =
    "None is needed: the wheel takes its place (tfjs-node's host is closed, tensorflow/tfjs#8742)";
  return { name, works: false, detail: refusal, remedy };
}

async function pipRung(env: NodeJS.ProcessEnv): Promise<Rung> {
  const pip = await findPip(env);
  if (!pip) return { name: 'wheel', works: false, detail: 'there is no pip', remedy: pipRemedy };
  return { name: 'wheel', works: true, detail: `${await programVersion(pip, env)}` };
}

async function compilerRung(env: NodeJS.ProcessEnv): Promise<Rung> {
  const compiler = findCompiler(env);
  const version = compiler && (await programVersion(compiler, env));
  if (version) return { name: 'compiler', works: true, detail: version };
  const detail = compiler ? `${compiler[0]} does not run` : 'there is no C++ compiler';
  return { name: 'compiler', works: false, detail, remedy: compilerRemedy };
}
