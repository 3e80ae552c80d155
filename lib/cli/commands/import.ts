import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { printable, withFile } from '../../core/byte-source';
import { UserError } from '../../core/errors';
import { runsFolder } from '../../core/paths';
import {
  backboneFileName,
  countParameters,
  describeModel,
  type Imported,
  importBackbone,
  StemNotTold,
  usualStems,
  writeBackbone,
} from '../../interchange';

import { positiveNumber, wholeNumber } from '../options';

interface Given {
  key?: string;
  prefix?: string;
  stemStride?: number;
  stemPadding?: number;
  stemPool?: string;
  runs: string;
}

/** `mnn import`: a backbone out of a checkpoint of PyTorch's. */
export function importCommand(): Command {
  return new Command('import')
    .description(
      "take the backbone out of a PyTorch checkpoint, the authors' or another; nothing in it is run",
    )
    .argument(
      '<file>',
      'a file of torch.save (.pth, .pt, .ckpt) or a safetensors file: a state dict, or a dict with one in it',
    )
    .option('--prefix <name>', "the backbone whose tensors' names begin so (default: the student's)")
    .option('--key <name>', "the file's key of the state dict, as student or state_dict (default: found)")
    .option('--stem-stride <n>', 'stride of the first convolution', positiveNumber)
    .option('--stem-padding <n>', 'padding of the first convolution in pixels, on every side', wholeNumber)
    .addOption(
      new Option('--stem-pool <kind>', 'what comes after the first convolution').choices(['max', 'none']),
    )
    .option('--runs <folder>', 'folder that it goes to', runsFolder)
    .addHelpText(
      'after',
      `
The file has to hold a ResNet-18, named as in the authors' networks, torchvision's, timm's or lightly's. Nothing in its
tensors tells how the first layers are used, so that the --stem options have to; the authors' names tell it themselves.
${stems}
See docs/pytorch.md.

Examples:
  mnn import mnn-cifar10.pth                               then: mnn evaluate <what it says>
  mnn import mnn-cifar10.pth --prefix backbone_momentum.net    the teacher instead of the student
  mnn import simclr.ckpt --stem-stride 1 --stem-padding 2 --stem-pool none`,
    )
    .action(async (file: string, { runs, stemPool, ...given }: Given) => {
      const options = { ...given, ...(stemPool && { maxPool: stemPool === 'max' }) };
      const imported = await withFile(file, (source) => importBackbone(source, options)).catch((error) => {
        throw error instanceof StemNotTold ? withFlags(error) : error;
      });
      const name = importName(imported);
      const path = join(runs, name, backboneFileName);
      writeBackbone(path, imported);
      console.log(describe(imported));
      console.log(`\nWritten: ${relative(process.cwd(), resolve(path))}`);
      console.log(`Evaluate it with: npx mnn evaluate ${name} --dataset <name>${inFolder(runs)}`);
      console.log('Datasets: npx mnn data list');
    });
}

/** The options of the usual first layers, each with the networks that have them. */
const stems = usualStems
  .map(({ stem: { stemStride, stemPadding, maxPool }, networks }) => {
    const options = `--stem-stride ${stemStride} --stem-padding ${stemPadding} --stem-pool ${maxPool ? 'max' : 'none'}`;
    return `  ${options}\n      ${networks}\n`;
  })
  .join('');

const flags = { stemStride: '--stem-stride', stemPadding: '--stem-padding', maxPool: '--stem-pool' };

function withFlags({ file, network, missing }: StemNotTold): UserError {
  const wanted = missing.map((name) => flags[name]).join(', ');
  return new UserError(
    `${file} has ${network}. How its first layers are used is not in the file, and another way gives other features ` +
      `without any error. Give ${wanted}, as in the code that made it:\n\n${stems}`,
  );
}

/** The option that the next command needs to find the network. */
function inFolder(runs: string): string {
  if (runs === runsFolder) return '';
  return ` --runs ${/^[\w./-]+$/.test(runs) ? runs : `'${runs.replaceAll("'", "'\\''")}'`}`;
}

/** Longest part of the folder's name that is made of words. */
const maxLetters = 60;

/** The folder's name: the same network out of the same file always has the same. */
function importName({ origin, model }: Imported): string {
  const words = origin.file
    .replace(/\.[a-z]+$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxLetters)
    .replace(/^-+|-+$/g, '');
  const facts = JSON.stringify([origin.sha256, origin.key, origin.prefix, model]);
  const hash = createHash('sha256').update(facts).digest('hex').slice(0, 8);
  return `imported-${words || 'network'}-${hash}`;
}

/** Groups of tensors that are named; a file can have any number. */
const maxGroups = 12;

function describe(imported: Imported): string {
  const { origin, model, stemKnown, follows } = imported;
  const { methods, unused, epoch, prefix } = origin;
  const groups = Object.entries(unused);
  const rest = groups.slice(0, maxGroups).map(([group, count]) => `${printable(group)} (${count})`);
  if (groups.length > maxGroups) rest.push(`${groups.length - maxGroups} other groups`);
  const told = stemKnown ? "as the authors' names tell" : 'as the --stem options say';
  const formats = {
    zip: 'zip archive of PyTorch 1.6 or newer',
    legacy: 'format of PyTorch before 1.6',
    safetensors: 'safetensors file',
  };
  return [
    `${printable(origin.file)}: ${formats[origin.format]}`,
    `Backbone   ${origin.key === undefined ? '' : `${printable(origin.key)}: `}${printable(prefix)}*, ${describeModel(model)},`,
    ...(follows ? ['           whose name says that it follows another network, as a teacher does'] : []),
    `           ${told}; stages of strides 1, 2, 2 and 2, mean over the image at the end, as in every ResNet-18`,
    `Parameters ${countParameters(imported).toLocaleString('en')}`,
    `Epoch      ${epoch ?? 'not in the file'}${epoch === null ? '' : ' (as in the file; the authors count from 0)'}`,
    `Method     ${methods.length > 0 ? methods.join(' or ') : 'not known'}, by the tensors beside the backbone`,
    `Not used   ${rest.join(', ') || 'nothing'}`,
  ].join('\n');
}
