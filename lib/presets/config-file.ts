import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseRunConfig, type RunConfig, runConfigSchema } from '../config/run-config';
import { UserError } from '../core/errors';
import { canonicalName } from '../data';
import { methodOptions } from '../methods';
import { chosenImages } from './images';
import { type PresetOptions, presetConfig } from './presets';

const { model, training, evaluation, images, options } = runConfigSchema.shape;

/** A configuration that names some settings alone; a preset has the others. */
const partSchema = z.strictObject({
  preset: z.string().default('small'),
  method: z.string().default('mnn'),
  dataset: z.string().default('cifar10'),
  seed: z.int().optional(),
  options: options.optional(),
  images: images.partial().optional(),
  model: model.partial().optional(),
  training: training.partial().optional(),
  evaluation: evaluation
    .partial()
    .extend({ linear: evaluation.shape.linear.partial().optional() })
    .optional(),
});

/**
 * The configuration in a JSON or YAML file: a whole one, one with some settings (a preset has the others), or that of a
 * record, whose run is to be made again.
 * @throws UserError that names the file and what is wrong with it.
 */
export function readConfig(path: string): RunConfig {
  const value = contentOf(path);
  const config = isRecord(value) ? value.config : value;
  try {
    const whole = runConfigSchema.safeParse(config);
    if (whole.success) return parseRunConfig(whole.data);
    if (isRecord(value)) return parseRunConfig(config);
    const part = partSchema.safeParse(config);
    if (!part.success) throw new UserError(z.prettifyError(part.error));
    const { images, model, training, evaluation, ...named } = part.data;
    return presetConfig({ ...named, override: { images, model, training, evaluation } });
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${path}: ${error.message}`);
    throw error;
  }
}

function contentOf(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError(`Cannot read the configuration ${path} (${code}). Check the path.`);
  }
  try {
    return parse(text);
  } catch (error) {
    throw new UserError(`${path} is neither JSON nor YAML: ${(error as Error).message.trim()}`);
  }
}

function isRecord(value: unknown): value is { config: unknown } {
  return typeof value === 'object' && value !== null && 'schemaVersion' in value && 'config' in value;
}

/** What is to be different from a configuration. */
export type ConfigChanges = Pick<PresetOptions, 'seed' | 'options' | 'override'> & {
  method?: string;
  dataset?: string;
};

/**
 * A configuration with changes on top. Another method takes its options from the configuration's preset.
 * @throws UserError for an unknown name, an option that the method does not have, or settings that do not fit.
 */
export function changedConfig(config: RunConfig, changes: ConfigChanges): RunConfig {
  const { method = config.method, seed = config.seed, override = {} } = changes;
  const dataset = changes.dataset === undefined ? config.dataset : canonicalName(changes.dataset);
  const base =
    method === config.method
      ? config
      : presetConfig({ ...config, method, dataset, options: {}, override: {} });
  const { linear } = config.evaluation;
  return parseRunConfig({
    ...config,
    method,
    dataset,
    seed,
    options: methodOptions(method, { ...base.options, ...changes.options }),
    images: chosenImages(dataset, config.images, override.images),
    model: { ...config.model, ...override.model },
    training: { ...config.training, ...override.training },
    evaluation: {
      ...config.evaluation,
      ...override.evaluation,
      linear: { ...linear, ...override.evaluation?.linear },
    },
  });
}
