import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { ZipFile } from 'yazl';
import { evaluateCommand } from '../../lib/cli/commands/evaluate';
import { exportCommand } from '../../lib/cli/commands/export';
import { importCommand } from '../../lib/cli/commands/import';
import { withFile } from '../../lib/core/byte-source';
import { UserError } from '../../lib/core/errors';
import { projectRoot } from '../../lib/core/paths';
import {
  backboneFileName,
  backboneShapes,
  encodeOnnx,
  importBackbone,
  readBackbone,
  writeBackbone,
} from '../../lib/interchange';
import { validateEvaluations } from '../../lib/results';
import { compileKit, mnnCommand } from '../compile-kit';
import { op, pickle, storage, tensor } from '../core/pickles';
import { temporaryFolder } from '../data/temporary-folder';
import { fixturePath } from '../interchange/fixtures';
import { failure } from '../training/tiny-run';

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
  before(compileKit);
  const folder = temporaryFolder();

  it('imports a checkpoint, evaluates a network, and exports it', async () => {
    const runs = ['--runs', folder()];
    const network = await withFile(fixturePath('authors.pth'), (source) => importBackbone(source));
    writeBackbone(join(folder(), 'network', backboneFileName), network);
    const small = ['--train', '40', '--test', '20', '--knn-k', '5', '--linear-epochs', '1'];
    const where = ['--dataset', 'shapes10', '--preset', 'quick', '--engine', 'wasm'];
    const kept = join(folder(), 'evaluations');
    const options = [...where, ...small, ...runs, '--evaluations', kept];
    const evaluated = promisify(execFile)(
      process.execPath,
      [...mnnCommand, 'evaluate', 'network', ...options],
      {
        cwd: projectRoot,
      },
    );
    const imported = await printed(importCommand(), fixturePath('authors.pth'), ...runs);
    const file = join(folder(), 'x.onnx');
    const exported = await printed(exportCommand(), 'network', '--to', 'onnx', '--out', file, ...runs);

    assert.match(
      imported,
      /net\.net\.\*, ResNet-18 of width 2, first convolution 3x3 at stride 1 with padding 1, without max pooling,\n/,
    );
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
      /shapes10, 40 training and 20 test\n +normalized with mean 0\.5, 0\.5, 0\.5 and .* give --mean and --std\n\n5-NN top-1 .* %.*\nlinear top-1, best of 1 .* %/,
    );
    assert.equal(readdirSync(kept).length, 1);

    const again = JSON.parse(readFileSync(join(kept, readdirSync(kept)[0]), 'utf8'));
    assert.deepEqual(validateEvaluations(kept), [{ file: join(kept, `${again.id}.json`), problem: null }]);

    assert.match(exported, /x\.onnx, ResNet-18 of width 2, .*without max pooling/);
    assert.deepEqual(readFileSync(join(folder(), 'x.onnx')), Buffer.from(encodeOnnx(network)));
  });

  it('keeps what is imported twice from one file apart, and prints a command that finds it', async () => {
    const runs = join(folder(), "it's here");
    const file = fixturePath('authors.pth');
    const student = await printed(importCommand(), file, '--runs', runs);
    const teacher = await printed(importCommand(), file, '--runs', runs, '--prefix', 'backbone_momentum.net');
    const other = fixturePath('torchvision-protocol4.pth');
    const stem = ['--stem-stride', '1', '--stem-padding', '1'];
    await printed(importCommand(), other, '--runs', runs, ...stem, '--stem-pool', 'none');
    await printed(importCommand(), other, '--runs', runs, ...stem, '--stem-pool', 'max');
    const asked = printed(importCommand(), other, '--runs', runs, '--stem-pool', 'max');
    await failure(asked, UserError, /Give --stem-stride, --stem-padding, as in/, /solo-learn's for CIFAR/);
    assert.equal(readdirSync(runs).length, 4);
    assert.match(student, /--dataset <name> --runs '.*it'\\''s here'\n/);
    assert.doesNotMatch(student, /follows another/);
    assert.match(
      teacher,
      /backbone_momentum\.net\.\*, .*\n +whose name says that it follows another network/,
    );
  });

  it('shows names out of a file without what a terminal would obey, and not all of any number', async () => {
    const shape = (name: string): Buffer => {
      const sizes = backboneShapes(1).get(name)!;
      return tensor({ from: storage('0', 9 * 64), shape: sizes, strides: sizes.map(() => 0) });
    };
    // Sizes of width 1 fit into one storage; the names of the others are what matters.
    const network = [...backboneShapes(1).keys()].flatMap((name) => [op.text(name), shape(name)]);
    const others = Array.from({ length: 50 }, (_, i) => [op.text(`\x1b[2Jhead${i}.weight`), tensor()]).flat();
    const file = join(folder(), 'x.pth');
    const zip = new ZipFile();
    zip.addBuffer(pickle(op.dict(...network, ...others)), 'x/data.pkl', { compress: false });
    zip.addBuffer(Buffer.alloc(4 * 9 * 64), 'x/data/0', { compress: false });
    zip.end();
    await pipeline(zip.outputStream, createWriteStream(file));
    const stem = ['--stem-stride', '1', '--stem-padding', '1', '--stem-pool', 'none'];
    const text = await printed(importCommand(), file, '--runs', folder(), ...stem);
    assert.match(text, /Not used {3}\?\[2Jhead0 \(1\), .*\?\[2Jhead11 \(1\), 38 other groups\n/);
    assert.ok(!text.includes('\x1b'));
  });

  it('exports into this folder under the name given, and never over the network itself', async () => {
    const network = await withFile(fixturePath('authors.pth'), (source) => importBackbone(source));
    writeBackbone(join(folder(), 'some', backboneFileName), network);
    const before = process.cwd();
    try {
      process.chdir(join(folder(), 'some'));
      await printed(exportCommand(), '.');
      await printed(exportCommand(), 'some', '--to', 'onnx', '--runs', '..');
      assert.deepEqual(readdirSync('.').sort(), [backboneFileName, 'some.onnx', 'some.safetensors']);
      const over = printed(exportCommand(), backboneFileName);
      await failure(over, UserError, /is the network itself.*--out/);
    } finally {
      process.chdir(before);
    }
  });

  it('finds out before the evaluation that its result cannot be written', async () => {
    const network = await withFile(fixturePath('authors.pth'), (source) => importBackbone(source));
    const path = join(folder(), backboneFileName);
    writeBackbone(path, network);
    const evaluated = printed(
      evaluateCommand(),
      path,
      '--dataset',
      'cifar10',
      '--evaluations',
      join(path, 'x'),
    );
    await failure(evaluated, UserError, /Cannot write into .*backbone\.safetensors.x .*ENOTDIR/);
  });
});
