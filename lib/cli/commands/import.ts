import { createHash } from 'node:crypto';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import {
  backboneFileName,
  countParameters,
  type Imported,
  importBackbone,
  printable,
  withFile,
  writeBackbone,
} from '../../interchange';
import { runsFolder } from '../../paths';

interface Given {
  prefix?: string;
  maxPool?: boolean;
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
      'a .pth file of torch.save: a state dict, or a dict with one under model or state_dict',
    )
    .option('--prefix <name>', "the backbone whose tensors' names begin so (default: the student's)")
    .option(
      '--max-pool',
      "the network pools after its first convolution; the authors' names tell it themselves",
    )
    .option('--runs <folder>', 'folder that it goes to', runsFolder)
    .addHelpText(
      'after',
      `
The file has to hold a ResNet-18 with a first convolution of 3x3, named as in the authors' networks or torchvision's.
See docs/pytorch.md.

Examples:
  mnn import mnn-cifar10.pth                               then: mnn evaluate <what it says>
  mnn import mnn-cifar10.pth --prefix backbone_momentum.net    the teacher instead of the student
  mnn import resnet18-stl10.pth --max-pool`,
    )
    .action(async (file: string, { runs, ...options }: Given) => {
      const imported = await withFile(file, (source) => importBackbone(source, options));
      const name = importName(imported);
      const path = join(runs, name, backboneFileName);
      writeBackbone(path, imported);
      console.log(describe(imported));
      console.log(`\nWritten: ${relative(process.cwd(), resolve(path))}`);
      console.log(`Evaluate it with: npx mnn evaluate ${name} --dataset <name>${inFolder(runs)}`);
      console.log('Datasets: npx mnn data list');
    });
}

/** The option that the next command needs to find the network. */
function inFolder(runs: string): string {
  if (runs === runsFolder) return '';
  return ` --runs ${/^[\w./-]+$/.test(runs) ? runs : `'${runs.replaceAll("'", "'\\''")}'`}`;
}

/** Longest part of the folder's name that is made of words. */
const mostLetters = 60;

/** The folder's name: the same network out of the same file always has the same. */
function importName({ origin, model }: Imported): string {
  const words = origin.file
    .replace(/\.[a-z]+$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, mostLetters)
    .replace(/^-+|-+$/g, '');
  const facts = JSON.stringify([origin.sha256, origin.prefix, model.maxPool]);
  const hash = createHash('sha256').update(facts).digest('hex').slice(0, 8);
  return `imported-${words || 'network'}-${hash}`;
}

/** Groups of tensors that are named; a file can have any number. */
const mostGroups = 12;

function describe(imported: Imported): string {
  const { origin, model, maxPoolKnown, follows } = imported;
  const { methods, unused, epoch, prefix } = origin;
  const groups = Object.entries(unused);
  const rest = groups.slice(0, mostGroups).map(([group, count]) => `${printable(group)} (${count})`);
  if (groups.length > mostGroups) rest.push(`${groups.length - mostGroups} other groups`);
  const pooling = model.maxPool ? 'with max pooling' : 'without max pooling';
  const known = maxPoolKnown || model.maxPool ? '' : ' (the names do not tell; --max-pool if it has it)';
  return [
    `${printable(origin.file)}: ${origin.format === 'zip' ? 'zip archive of PyTorch 1.6 or newer' : 'format of PyTorch before 1.6'}`,
    `Backbone   ${printable(prefix)}*, ResNet-18 of width ${model.width} ${pooling}${known}`,
    ...(follows ? ['           whose name says that it follows another network, as a teacher does'] : []),
    `Parameters ${countParameters(imported).toLocaleString('en')}`,
    `Epoch      ${epoch ?? 'not in the file'}${epoch === null ? '' : ' (as in the file; the authors count from 0)'}`,
    `Method     ${methods.length > 0 ? methods.join(' or ') : 'not known'}, by the tensors beside the backbone`,
    `Not used   ${rest.join(', ') || 'nothing'}`,
  ].join('\n');
}
