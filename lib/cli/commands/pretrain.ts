import { join } from 'node:path';
import { Command } from 'commander';
import type { RunConfig } from '../../config/run-config';
import { UserError } from '../../core/errors';
import { formatTable } from '../../core/table';
import { comparisonTable, firstEpochsTable } from '../../paper';
import { changedConfig, presetConfig, readConfig } from '../../presets';
import { partialRecordsFolder } from '../../results';
import { addMethodOptions, loadMethods } from '../load-methods';
import {
  addMachineOptions,
  addSettingOptions,
  type MachineOptions,
  positiveNumber,
  type SettingOptions,
  seedNumber,
  settingsOf,
} from '../options';
import { runAll, runFirst } from '../run';

interface Given extends MachineOptions, SettingOptions {
  method?: string;
  dataset?: string;
  preset?: string;
  config?: string;
  seed?: number;
  load?: string[];
  untilEpoch?: number;
  knnAt?: number[];
}

/** `mnn pretrain`: one run, from pretraining to its record. */
export function pretrainCommand(): Command {
  const command = new Command('pretrain')
    .description('pretrain one method on one dataset, evaluate it and write its record')
    .option('--method <name>', 'see mnn methods (default: mnn)')
    .option('--dataset <name>', 'see mnn data list, or a folder of your own images (default: cifar10)')
    .option('--preset <name>', 'quick, small or paper (default: small)')
    .option('--config <file>', 'settings from a JSON or YAML file, or a record whose run is made again')
    .option('--seed <n>', 'seed of everything random (default: 1339)', seedNumber)
    .option('--until-epoch <n>', 'train only the first n epochs of the schedule, see below', positiveNumber)
    .option('--knn-at <epochs>', 'with --until-epoch: evaluate after these epochs only', epochList)
    .addHelpText(
      'after',
      `
A run that was stopped goes on where it was when the same command is given again. Stopped by SIGTERM, SIGUSR1 or SIGHUP,
it ends with exit code 75 once its state is saved, and with 130 after Ctrl-C.
--until-epoch trains the first epochs with the schedule of the whole run and writes a partial record (partial/ in the
folder of records), which no table counts. The same command with a later epoch, or without --until-epoch, resumes the run.

--config takes what mnn results show <id> --config prints, a record, or some settings of your own in the same form (a
preset has the others); docs/runs.md shows one. Other options change it.

Parts of a dataset are drawn class by class by --subset-seed; the record says of what and by which seed.

Examples:
  mnn pretrain --dataset cifar10 --preset small --epochs 5
  mnn pretrain --dataset cifar10 --preset small --limit 1000
  mnn pretrain --dataset stl10 --per-class 50 --unlabeled 5000
  mnn pretrain --method msf --dataset cifar10 --data ~/datasets/cifar10
  mnn pretrain --dataset ./photos --image-size 64 --test-share 0.2 --skip-broken
  mnn pretrain --method mnn --set mixing=norm1 lambda=0.5 topK=10
  mnn pretrain --method ressl --dataset cifar10 --preset paper --until-epoch 10 --knn-at 2,5,10
  mnn pretrain --config results/records/mnn-cifar10-small-s1339-0f1e2d3c.json --seed 1340
  mnn pretrain --config mine.yaml --epochs 5
  mnn pretrain --load notebooks/own-method/simsiam.ts --method simsiam --dataset patterns10 --preset quick`,
    );
  addSettingOptions(command);
  addMethodOptions(command);
  addMachineOptions(command);
  return command.action(async (given: Given) => {
    loadMethods(given.load);
    const config = configOf(given);
    if (given.untilEpoch !== undefined) return pretrainFirst(config, given.untilEpoch, given);
    if (given.knnAt)
      throw new UserError('--knn-at needs --until-epoch: a whole run is evaluated as its preset says.');
    const records = await runAll([config], given);
    console.log(`\n${formatTable(comparisonTable(records), 'text')}`);
    console.log(`\nThe record is ${records[0].id}; see it with: npx mnn results show ${records[0].id}`);
  });
}

function configOf(given: Given): RunConfig {
  const { method = 'mnn', dataset = 'cifar10', preset = 'small', seed, config: file } = given;
  if (file === undefined) return presetConfig({ method, dataset, preset, seed, ...settingsOf(given) });
  if (given.preset !== undefined) {
    throw new UserError(`--preset ${preset} and --config ${file} both say all settings: give one of them.`);
  }
  return changedConfig(readConfig(file), {
    method: given.method,
    dataset: given.dataset,
    seed,
    ...settingsOf(given),
  });
}

async function pretrainFirst(config: RunConfig, untilEpoch: number, given: Given): Promise<void> {
  const record = await runFirst(config, given, { untilEpoch, evaluateAt: given.knnAt });
  console.log(`\n${formatTable(firstEpochsTable(record), 'text')}`);
  const path = join(partialRecordsFolder(given.records), `${record.id}.json`);
  console.log(`\nThe partial record is ${path}. Resume with a later --until-epoch, or without it.`);
}

function epochList(text: string): number[] {
  return text.split(',').map(positiveNumber);
}
