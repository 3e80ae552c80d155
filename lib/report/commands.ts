import { isDeepStrictEqual } from 'node:util';
import type { RunConfig } from '../config/run-config';
import type { Cell } from '../paper';
import { presetConfig, presetNames } from '../presets';
import type { RunRecord } from '../results';

/** What runs a cell of a table again, or for the first time. */
export function cellCommand(table: string, { row, dataset, configs, records }: Cell): string {
  const complete = records.length === configs.length;
  return command([
    `reproduce ${table}`,
    `--preset ${word(configs[0].preset)}`,
    `--datasets ${word(dataset)}`,
    `--methods ${word(row.method)}`,
    `--seeds ${configs.map(({ seed }) => seed).join(',')}`,
    complete ? '--restart' : '',
  ]);
}

/** What makes the very run of a record again; null where no option of the command line gives its settings. */
export function runCommand({ config }: RunRecord): string | null {
  const { method, dataset, preset, seed } = config;
  if (!(presetNames as readonly string[]).includes(preset)) return null;
  const usual = usualConfig(config);
  if (usual === null) return null;
  const settings = optionsOf(usual);
  const differing = Object.entries(optionsOf(config)).filter(
    ([name, value]) => value !== undefined && value !== settings[name],
  );
  const own = Object.entries(config.options).filter(([name, value]) => value !== usual.options[name]);
  if (!isDeepStrictEqual(withOptions(usual, config), config)) return null;
  return command([
    'pretrain',
    `--method ${word(method)}`,
    `--dataset ${word(dataset)}`,
    `--preset ${preset}`,
    `--seed ${seed}`,
    ...differing.map(([name, value]) => `--${name} ${value}`),
    own.length > 0 ? `--set ${own.map(([name, value]) => word(`${name}=${value}`)).join(' ')}` : '',
    '--restart',
  ]);
}

/** The preset's own settings of a run; null for a method that is not loaded here. */
function usualConfig({ method, dataset, preset, seed }: RunConfig): RunConfig | null {
  try {
    return presetConfig({ method, dataset, preset, seed });
  } catch {
    return null;
  }
}

/** The settings that options of the command line change. */
function optionsOf({ images, model, training, evaluation }: RunConfig): Record<string, number | undefined> {
  return {
    epochs: training.epochs,
    'batch-size': training.batchSize,
    lr: training.baseLr,
    'warmup-epochs': training.warmupEpochs,
    width: model.width,
    'bn-splits': model.bnSplits,
    train: images.train,
    'per-class': images.perClass,
    test: images.test,
    unlabeled: images.unlabeled,
    'subset-seed': images.seed,
    'knn-k': evaluation.knnK,
    'linear-epochs': evaluation.linear.epochs,
  };
}

/** A configuration with those of another's settings that the command line can give. */
function withOptions(config: RunConfig, other: RunConfig): RunConfig {
  const { epochs, batchSize, baseLr, warmupEpochs } = other.training;
  const { size: _ownSize, ...images } = other.images;
  const { train: _train, ...otherImages } = config.images;
  return {
    ...config,
    options: { ...config.options, ...other.options },
    images: { ...(images.perClass === undefined ? config.images : otherImages), ...images },
    model: { ...config.model, width: other.model.width, bnSplits: other.model.bnSplits },
    training: { ...config.training, epochs, batchSize, baseLr, warmupEpochs },
    evaluation: {
      ...config.evaluation,
      knnK: other.evaluation.knnK,
      linear: { ...config.evaluation.linear, epochs: other.evaluation.linear.epochs },
    },
  };
}

function command(parts: string[]): string {
  return ['npx mnn', ...parts].filter(Boolean).join(' ');
}

/** A word for the shell, quoted where it has to be. */
function word(text: string): string {
  return /^[\w.,=/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
