import { basename, join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import {
  backboneFileName,
  countParameters,
  type Imported,
  importBackbone,
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
      console.log(`Evaluate it with: npx mnn evaluate ${name} --dataset cifar10`);
    });
}

/** The folder's name: the same file always has the same. */
function importName({ origin }: Imported): string {
  const words = basename(origin.file)
    .replace(/\.[a-z]+$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return `imported-${words || 'network'}-${origin.sha256.slice(0, 8)}`;
}

function describe(imported: Imported): string {
  const { origin, model, maxPoolKnown } = imported;
  const { methods, unused, epoch, prefix } = origin;
  const rest = Object.entries(unused)
    .map(([group, count]) => `${group} (${count})`)
    .join(', ');
  const pooling = model.maxPool ? 'with max pooling' : 'without max pooling';
  const known = maxPoolKnown || model.maxPool ? '' : ' (the names do not tell; --max-pool if it has it)';
  return [
    `${origin.file}: ${origin.format === 'zip' ? 'zip archive of PyTorch 1.6 or newer' : 'format of PyTorch before 1.6'}`,
    `Backbone   ${prefix}*, ResNet-18 of width ${model.width} ${pooling}${known}`,
    `Parameters ${countParameters(imported).toLocaleString('en')}`,
    `Epoch      ${epoch ?? 'not in the file'}${epoch === null ? '' : ' (as in the file; the authors count from 0)'}`,
    `Method     ${methods.length > 0 ? methods.join(' or ') : 'not known'}, by the tensors beside the backbone`,
    `Not used   ${rest || 'nothing'}`,
  ].join('\n');
}
