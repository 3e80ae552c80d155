import type { RunConfig } from '../config/run-config';
import { UserError } from '../core/errors';
import type { Dataset } from '../data';
import { tf } from '../engine/tf';
import { createLearner } from '../methods';
import type { Layer } from '../models';
import { loadCheckpoint } from '../training';
import { checkSameRun, restoreVariables } from '../training/checkpoint';
import { runFolder } from './experiment';

/** The network of a finished run. */
export interface TrainedNetwork {
  backbone: Layer;
  dispose(): void;
}

/**
 * The backbone of a run as its checkpoint keeps it; for the untrained network, as its seed makes it.
 * @throws UserError if there is no checkpoint, or it is of another run, other pictures or an unfinished run.
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
