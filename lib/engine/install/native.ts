import { existsSync, lstatSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Interrupted, UserError } from '../../core/errors';
import { checkSpace, spaceRemedy, systemCode } from '../../core/files';
import { megabytes } from '../../core/text';
import { provable } from '../native/load';
import { keepProof, type Outcome, proofOf } from '../proof';
import { bindingPath, compileBinding, compileKernels, copyPackage, currentIngredients } from './build';
import { checkDriver, findCuda, linkCuda } from './cuda';
import { type EngineLayout, engineLayout, enginesFolder, type InstalledName } from './folders';
import { fileChecksum, linkerNames, type Progress, type TensorFlowSource } from './library';
import { type EngineManifest, readManifest, writeManifest } from './manifest';
import { downloadWheel } from './pip';
import { compilerRemedy, findCompiler } from './programs';
import { inStaging, takePlace } from './staging';
import { standardDownload } from './standard-download';
import { openUnpacked } from './unpacked';
import { checkRight, verifyEngine } from './verify';
import { openWheel } from './wheel';

export interface NativeOptions {
  /** TensorFlow's wheel, or a folder with TensorFlow; without it TensorFlow is downloaded. */
  from?: string;
  gpu?: boolean;
  /** Makes an engine again that is there already. */
  force?: boolean;
  /** Folder of the installed engines. */
  engines?: string;
  /** Where programs are looked for. Default: this process's environment. */
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Longest time that pip may be silent, in milliseconds. */
  timeoutMs?: number;
  /** Proves the finished engine before it takes its place. */
  verify?: Verify;
  /** Told of each step. */
  say?: (step: string) => void;
  onProgress?: Progress;
}

type Verify = (layout: EngineLayout, signal?: AbortSignal) => Promise<Outcome>;

export interface NativeInstalled {
  state: 'already' | 'installed';
  name: InstalledName;
  manifest: EngineManifest;
  /** One plain sentence for the reader. */
  message: string;
}

/** What the unpacked CPU and GPU libraries take on the disk, with the wheel beside them for a while, in bytes. */
const spaceToDownload = { cpu: 1.5e9, gpu: 4e9 };

/**
 * Makes the native engine from tfjs-node and TensorFlow's C library, tries it, and only then gives it its place
 * below `engines`; one that was there works on until that moment, and stays where anything fails.
 * @throws UserError where it cannot be had here, with the way out; BuildError where it was made and does not work;
 * Interrupted when `signal` aborts.
 */
export async function installNative(options: NativeOptions = {}): Promise<NativeInstalled> {
  const { gpu = false, engines = enginesFolder(), env = process.env, signal, force, from } = options;
  const name: InstalledName = gpu ? 'native-gpu' : 'native-cpu';
  const installed = engineLayout(join(engines, name));
  const there = readManifest(installed);
  const given = from === undefined ? undefined : await openSource(from, gpu);
  if (there && !force && isUpToDate(there, given)) {
    const { verify } = options;
    const proven = verify
      ? await verify(installed, signal)
      : (await proofOf(provable(name, installed), options)).outcome;
    checkRight(proven);
    return {
      state: 'already',
      name,
      manifest: there,
      message: `${described(name, there)} is there already.`,
    };
  }
  if (gpu) await checkDriver(env, signal);
  try {
    const manifest = await inStaging(engines, async (staging) => {
      const layout = engineLayout(join(staging, 'engine'));
      copyPackage(layout);
      const old = there && !force && !given ? await openOld(installed, there) : undefined;
      const made = await provideTensorFlow(layout, staging, given ?? old, { ...options, gpu, env });
      const finished = await finish(layout, made, { ...options, gpu, env });
      if (signal?.aborted) throw new Interrupted('Stopped.');
      takePlace(layout.folder, engines, name);
      return finished;
    });
    return { state: 'installed', name, manifest, message: `${described(name, manifest)} is installed.` };
  } catch (error) {
    if (error instanceof Interrupted) throw new Interrupted(`The install was stopped. ${leftAlone(there)}`);
    throw error instanceof UserError ? error : systemError(engines, error as NodeJS.ErrnoException);
  }
}

async function openSource(from: string, gpu: boolean): Promise<TensorFlowSource> {
  const kind = statSync(from, { throwIfNoEntry: false });
  if (!kind) throw new UserError(`${from} does not exist. Give --from a wheel or a folder.`);
  return kind.isDirectory() ? openUnpacked(from, { gpu }) : openWheel(from, { gpu });
}

/** TensorFlow of an engine that is whole, where it is all that is needed: what surrounds it needs no download. */
async function openOld(
  layout: EngineLayout,
  { ingredients, source, cudaRequirements }: EngineManifest,
): Promise<TensorFlowSource | undefined> {
  if (ingredients.headers !== currentIngredients().headers) return undefined;
  return { ...(await openUnpacked(join(layout.package, 'deps'))), title: source, cudaRequirements };
}

function isUpToDate(there: EngineManifest, given: TensorFlowSource | undefined): boolean {
  const ingredients = currentIngredients();
  const sameSource =
    !given || (given.sha256 ? given.sha256 === there.librarySha256 : given.title === there.source);
  const complete = there.kernels || ingredients.kernels === null;
  return sameSource && complete && isDeepStrictEqual(there.ingredients, ingredients);
}

type Made = Pick<EngineManifest, 'source' | 'librarySha256' | 'cudaRequirements'>;

type Means = NativeOptions & { gpu: boolean; env: NodeJS.ProcessEnv };

/** Climbs down the ladder until TensorFlow's library, and a binding to it, are in the engine's folder. */
async function provideTensorFlow(
  layout: EngineLayout,
  staging: string,
  source: TensorFlowSource | undefined,
  means: Means,
): Promise<Made> {
  if (source) return takeFrom(source, layout, means);
  const { say, signal } = means;
  try {
    say?.("Trying tfjs-node's own download ...");
    await standardDownload(layout, means);
    checkRight(await (means.verify ?? verifyEngine)(layout, signal));
    const librarySha256 = await fileChecksum(join(layout.libraries, linkerNames()[0][0]));
    return { source: "tfjs-node's own download", librarySha256, cudaRequirements: [] };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    say?.(`It is of no use: ${error.message.replace(/\.$/, '')}.`);
    rmSync(join(layout.package, 'deps'), { recursive: true, force: true });
    rmSync(join(layout.package, 'lib'), { recursive: true, force: true });
  }
  requireCompiler(means.env);
  checkSpace(staging, means.gpu ? spaceToDownload.gpu : spaceToDownload.cpu);
  say?.("Downloading TensorFlow's wheel with pip ...");
  const wheel = await downloadWheel(join(staging, 'wheel'), {
    ...means,
    timeoutMs: means.timeoutMs ?? 20_000,
    signal,
  });
  const made = await takeFrom(await openWheel(wheel, means), layout, means);
  rmSync(join(staging, 'wheel'), { recursive: true });
  return made;
}

/** Takes TensorFlow from a source and compiles the binding to it. */
async function takeFrom(source: TensorFlowSource, layout: EngineLayout, means: Means): Promise<Made> {
  const { say, gpu, env, signal, onProgress } = means;
  requireCompiler(env);
  const cuda = gpu ? await findCuda(source.cudaRequirements ?? [], env, signal) : undefined;
  checkSpace(layout.folder, source.bytes);
  say?.(
    `Taking TensorFlow from ${source.title}${source.bytes > 0 ? ` (${megabytes(source.bytes)})` : ''} ...`,
  );
  const librarySha256 = await source.take(layout, { onProgress, signal });
  if (cuda) linkCuda(cuda, layout);
  say?.('Compiling the binding ...');
  await compileBinding(layout, { env, signal });
  return { source: source.title, librarySha256, cudaRequirements: source.cudaRequirements ?? [] };
}

function requireCompiler(env: NodeJS.ProcessEnv): void {
  if (process.platform === 'win32') {
    throw new UserError(
      'On Windows the kit cannot build native TensorFlow: run it in WSL 2, or take another engine.',
    );
  }
  if (!findCompiler(env)) throw new UserError(`There is no C++ compiler. ${compilerRemedy}; then run again.`);
}

/** Proves the engine, with the kit's own operations if they compile, and writes down what it is. */
async function finish(layout: EngineLayout, made: Made, means: Means): Promise<EngineManifest> {
  const { signal, say, verify = verifyEngine } = means;
  const ingredients = currentIngredients();
  const failure = ingredients.kernels === null ? undefined : await tryToCompileKernels(layout, means);
  say?.('Comparing what the engine computes with values in double precision ...');
  const outcome = await verify(layout, signal);
  checkRight(outcome);
  const wrong = failure ?? outcome.operations?.wrong;
  if (wrong) {
    rmSync(layout.kernels, { force: true });
    say?.(`The engine goes without the kit's own operations, and is slower: ${wrong}`);
  }
  const kernels = existsSync(layout.kernels);
  const libraries = readdirSync(layout.libraries).map((file) => join(layout.libraries, file));
  const parts = [bindingPath(layout), ...libraries, ...(kernels ? [layout.kernels] : [])];
  const manifest: EngineManifest = {
    ingredients,
    ...made,
    tensorflow: outcome.version ?? 'unknown',
    device: outcome.device ?? 'CPU',
    kernels,
    node: process.version,
    files: parts
      .filter((path) => lstatSync(path).isFile())
      .map((path) => ({ path: relative(layout.folder, path), bytes: statSync(path).size })),
  };
  writeManifest(layout, manifest);
  await keepProof(provable('the engine', layout), kernels ? outcome : { ...outcome, operations: null });
  return manifest;
}

/** The engine is of use without the kit's own operations: returns why they do not compile, if they don't. */
async function tryToCompileKernels(
  layout: EngineLayout,
  { say, env, signal }: Means,
): Promise<string | undefined> {
  try {
    say?.("Compiling the kit's own operations ...");
    await compileKernels(layout, { env, signal });
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return error.message;
  }
}

function described(name: InstalledName, { tensorflow, device, files }: EngineManifest): string {
  const size = megabytes(files.reduce((sum, { bytes }) => sum + bytes, 0));
  return `${name}, TensorFlow ${tensorflow} on ${device} (${size}),`;
}

function leftAlone(there: EngineManifest | undefined): string {
  return there ? 'The engine that was there is untouched.' : 'Nothing was left behind.';
}

/** What the system refuses, in words; any other error is a fault of ours and stays as it is. */
function systemError(engines: string, error: NodeJS.ErrnoException): Error {
  const code = systemCode(error);
  if (!code) return error;
  const remedy = spaceRemedy(error) ?? 'See that the folder can be written';
  return new UserError(`Cannot install in ${engines} (${code}). ${remedy} and run again.`);
}
