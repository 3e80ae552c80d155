import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { exportCommand } from '../../lib/cli/commands/export';
import { importCommand } from '../../lib/cli/commands/import';
import {
  backboneFileName,
  encodeOnnx,
  importBackbone,
  readBackbone,
  withFile,
  writeBackbone,
} from '../../lib/interchange';
import { projectRoot } from '../../lib/package-root';
import { temporaryFolder } from '../data/temporary-folder';
import { fixturePath } from '../interchange/fixtures';

/** What a command prints, in this process: starting another takes a second. */
async function printed(command: Command, ...args: string[]): Promise<string> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    await command.parseAsync(args, { from: 'user' });
  } finally {
    console.log = log;
  }
  return lines.join('\n');
}

describe('The command line with PyTorch', () => {
  const folder = temporaryFolder();

  it('imports a checkpoint, evaluates a network, and exports it', async () => {
    const runs = ['--runs', folder()];
    const network = await withFile(fixturePath('authors.pth'), (source) => importBackbone(source));
    writeBackbone(join(folder(), 'network', backboneFileName), network);
    const small = ['--train', '40', '--test', '20', '--knn-k', '5', '--linear-epochs', '1'];
    const where = ['--dataset', 'shapes10', '--preset', 'quick', '--engine', 'wasm'];
    const kept = join(folder(), 'evaluations');
    const command = ['-r', 'tsx/cjs', join('lib', 'cli', 'main.ts')];
    const options = [...where, ...small, ...runs, '--evaluations', kept];
    const evaluated = promisify(execFile)(process.execPath, [...command, 'evaluate', 'network', ...options], {
      cwd: projectRoot,
    });
    const imported = await printed(importCommand(), fixturePath('authors.pth'), ...runs);
    const file = join(folder(), 'x.onnx');
    const exported = await printed(exportCommand(), 'network', '--to', 'onnx', '--out', file, ...runs);

    assert.match(imported, /net\.net\.\*, ResNet-18 of width 2 without max pooling\n/);
    assert.match(imported, /Epoch {6}199 .*\nMethod {5}mnn or msf or cmsf/);
    assert.match(imported, /Not used {3}backbone_momentum \(120\), projection_head \(8\)/);
    const [, name] = /npx mnn evaluate (imported-authors-\w+)/.exec(imported)!;
    assert.deepEqual(readBackbone(join(folder(), name, backboneFileName))!.origin, network.origin);

    const { stdout } = await evaluated;
    assert.match(
      stdout,
      /^Network {4}authors\.pth \(PyTorch, net\.net\.\*, epoch 199\), trained elsewhere\n/,
    );
    assert.match(
      stdout,
      /shapes10, 40 training and 20 test\n\n5-NN top-1 .* %.*\nlinear top-1, best of 1 .* %/,
    );
    assert.equal(readdirSync(kept).length, 1);

    assert.match(exported, /x\.onnx, ResNet-18 of width 2 without max pooling/);
    assert.deepEqual(readFileSync(join(folder(), 'x.onnx')), Buffer.from(encodeOnnx(network)));
  });
});
