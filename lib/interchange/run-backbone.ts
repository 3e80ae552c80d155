import { UserError } from '../core/errors';
import type { Checkpoint } from '../training';
import { backboneShapes } from './backbone';
import type { TracedBackbone } from './backbone-file';
import { toOihw } from './layouts';

/**
 * The backbone in a checkpoint of a run of the kit, finished or not.
 * @param run what the run is called; @param file what messages call the checkpoint.
 * @throws UserError where the run's method has a network of its own that is no ResNet-18 of the kit's.
 */
export function backboneOfRun(checkpoint: Checkpoint, run: string, file: string): TracedBackbone {
  const { config, engine, datasetChecksum, progress } = checkpoint;
  const { width, maxPool } = config.model;
  const tensors = new Map<string, Float32Array>();
  for (const [name, shape] of backboneShapes(width)) {
    const stored = checkpoint.tensors.get(`backbone.${name}`);
    const ours = shape.length === 4 ? [shape[2], shape[3], shape[1], shape[0]] : shape;
    if (stored?.dtype !== 'F32' || stored.shape.join() !== ours.join()) {
      throw new UserError(
        `${file} has no backbone.${name} [${ours}]: the network of method '${config.method}' is no ResNet-18 of the ` +
          "kit's under that name, and only such a one can be taken out of its run.",
      );
    }
    const values = stored.values as Float32Array;
    tensors.set(name, shape.length === 4 ? toOihw(values, ours) : values);
  }
  return {
    model: { width, maxPool },
    tensors,
    origin: {
      kind: 'run',
      run,
      method: config.method,
      dataset: config.dataset,
      datasetChecksum,
      epochs: progress.curves.length,
      ofEpochs: config.training.epochs,
      ...(progress.epochSteps > 0 && { step: progress.step }),
      engine,
    },
  };
}
