import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RunConfig } from '../config/run-config';
import { UserError } from '../core/errors';
import { runsFolder as defaultRunsFolder } from '../core/paths';
import type { Dataset } from '../data';
import { tf } from '../engine';
import { backboneFileName, backboneOfRun, readBackbone, type TracedBackbone } from '../interchange';
import { createLearner } from '../methods';
import type { Layer } from '../models';
import { nameOfFile } from '../results';
import type { Checkpoint } from '../training';
import { checkSameRun, loadCheckpoint, readCheckpoint, restoreVariables } from '../training';
import { runFolder } from './experiment';

/** A trained backbone, and where a run of the kit made it the run's configuration. */
export interface FoundNetwork extends TracedBackbone {
  config?: RunConfig;
}

export interface FindOptions {
  /** Folder of the runs. Default: `runs` in the project. */
  runs?: string;
  /** Told when a damaged checkpoint is passed over. */
  warn?: (message: string) => void;
}

/**
 * The backbone of a run, finished or not, or of an imported network.
 * @param what name of a run or an imported network in the folder of the runs, or the path of its folder or file.
 * @throws UserError where there is none, or its file is damaged.
 */
export function findNetwork(
  what: string,
  { runs = defaultRunsFolder, warn = () => {} }: FindOptions,
): FoundNetwork {
  const path = [what, join(runs, what)].find((candidate) => existsSync(candidate));
  if (path === undefined) throw notFound(what, runs);
  if (statSync(path).isDirectory()) return inFolder(path, warn);
  if (!path.endsWith('.safetensors')) {
    throw new UserError(
      `${path} is no network of the kit's. One of PyTorch's is imported first: mnn import ${what}`,
    );
  }
  return readBackbone(path) ?? ofRun(readCheckpoint(path), nameOfFile(join(path, '..')), path);
}

function inFolder(folder: string, warn: (message: string) => void): FoundNetwork {
  const imported = join(folder, backboneFileName);
  const network = existsSync(imported) ? readBackbone(imported) : undefined;
  if (network) return network;
  const checkpoint = loadCheckpoint(folder, warn);
  if (!checkpoint) throw new UserError(`There is neither a checkpoint nor an imported network in ${folder}.`);
  return ofRun(checkpoint, nameOfFile(folder), folder);
}

function ofRun(checkpoint: Checkpoint, run: string, file: string): FoundNetwork {
  return { ...backboneOfRun(checkpoint, run, file), config: checkpoint.config };
}

function notFound(what: string, runs: string): UserError {
  const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const there = isFolder(runs) ? readdirSync(runs).filter((name) => isFolder(join(runs, name))) : [];
  const list =
    there.length > 0
      ? `It has: ${there.slice(0, 10).join(', ')}${there.length > 10 ? ', ...' : ''}.`
      : 'It has none.';
  return new UserError(
    `There is no run, imported network or file '${what}'. Runs are looked for in ${runs}. ${list} ` +
      'Name another folder with --runs.',
  );
}

/** The network of a finished run. */
export interface TrainedNetwork {
  backbone: Layer;
  dispose(): void;
}

/**
 * The backbone of a run as its checkpoint keeps it; for the untrained network, as its seed makes it.
 * @throws UserError if there is no checkpoint, or it is of another run, other images or an unfinished run.
 */
export function loadTrainedNetwork(config: RunConfig, dataset: Dataset, runsFolder?: string): TrainedNetwork {
  const learner = createLearner(config);
  const all = new Map([...learner.parameters(), ...learner.state()]);
  const dispose = () => tf.dispose([...all.values()]);
  const { epochs } = config.training;
  if (epochs === 0) return { backbone: learner.backbone, dispose };
  try {
    const folder = runFolder(config, runsFolder);
    const checkpoint = loadCheckpoint(folder, () => {});
    if (!checkpoint) {
      throw new UserError(
        `There is no checkpoint in ${folder}. Name the folder of your runs with --runs, or run it again: ` +
          `mnn pretrain --method ${config.method} --dataset ${config.dataset} --preset ${config.preset} --restart`,
      );
    }
    checkSameRun(checkpoint, config, dataset.checksum);
    if (checkpoint.progress.curves.length < epochs) {
      throw new UserError(
        `The run in ${folder} stands at epoch ${checkpoint.progress.curves.length} of ${epochs}: finish it first.`,
      );
    }
    const { backbone } = learner;
    const wanted = new Set([...backbone.parameters().values(), ...backbone.buffers().values()]);
    restoreVariables(new Map([...all].filter(([, variable]) => wanted.has(variable))), checkpoint);
    return { backbone, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}
