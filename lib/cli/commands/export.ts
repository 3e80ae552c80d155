import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { UserError, unknownName } from '../../core/errors';
import {
  countParameters,
  describeModel,
  type TracedBackbone,
  writeBackbone,
  writeOnnx,
} from '../../interchange';
import { nameOfFile } from '../../results';

import { findNetwork } from '../../runs';

const writers: Record<string, (path: string, backbone: TracedBackbone) => void> = {
  safetensors: writeBackbone,
  onnx: writeOnnx,
};

interface Given {
  to: string;
  out?: string;
  runs?: string;
}

/** `mnn export`: a backbone for PyTorch and other programs. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write the backbone of a run or an imported network for PyTorch, or for a runtime of ONNX')
    .argument('<network>', 'name of a run or an imported network, or the path of its folder or file')
    .option('--to <format>', `${Object.keys(writers).join(' or ')}`, 'safetensors')
    .option('--out <file>', 'where to (default: <network>.<format> in this folder)')
    .option('--runs <folder>', 'folder with checkpoints (default: runs)')
    .addHelpText(
      'after',
      `
A run need not be finished: its newest checkpoint counts. The safetensors file has torchvision's names and layouts;
docs/pytorch.md shows how PyTorch loads it. The ONNX model takes normalized images [batch, 3, height, width].

Examples:
  mnn export mnn-cifar10-small-s1339-0f1e2d3c
  mnn export mnn-cifar10-small-s1339-0f1e2d3c --to onnx --out backbone.onnx`,
    )
    .action((what: string, { to, out, runs }: Given) => {
      if (!Object.hasOwn(writers, to)) throw unknownName('format', to, Object.keys(writers));
      const network = findNetwork(what, { runs, warn: console.error });
      const path = out ?? `${nameOfFile(what).replace(/\.safetensors$/, '')}.${to}`;
      checkOther(path, what);
      writers[to](path, network);
      console.log(
        `Written: ${path}, ${describeModel(network.model)}, ` +
          `${countParameters(network).toLocaleString('en')} parameters`,
      );
    });
}

/** A checkpoint holds more than what is exported of it. @throws UserError if it would be written over. */
function checkOther(path: string, network: string): void {
  if (resolve(path) !== resolve(network) || !existsSync(network)) return;
  throw new UserError(
    `${path} is the network itself, and would be written over: name another file with --out.`,
  );
}
