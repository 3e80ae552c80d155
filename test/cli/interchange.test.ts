import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

function mnn(...args: string[]): Promise<{ code: number; output: string; printed: string }> {
  const command = ['-r', 'tsx/cjs', join('lib', 'cli', 'main.ts'), ...args];
  return new Promise((resolve) => {
    const child = execFile(process.execPath, command, { cwd: projectRoot }, (_error, stdout, stderr) =>
      resolve({ code: child.exitCode!, output: stdout + stderr, printed: stdout }),
    );
  });
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
    const [imported, evaluated, exported] = await Promise.all([
      mnn('import', fixturePath('authors.pth'), ...runs),
      mnn('evaluate', 'network', ...where, ...small, ...runs, '--evaluations', kept),
      mnn('export', 'network', '--to', 'onnx', '--out', join(folder(), 'x.onnx'), ...runs),
    ]);

    assert.equal(imported.code, 0, imported.output);
    assert.match(imported.output, /net\.net\.\*, ResNet-18 of width 2 without max pooling\n/);
    assert.match(imported.output, /Epoch {6}199 .*\nMethod {5}mnn or msf or cmsf/);
    assert.match(imported.output, /Not used {3}backbone_momentum \(120\), projection_head \(8\)/);
    const [, name] = /npx mnn evaluate (imported-authors-\w+)/.exec(imported.output)!;
    assert.deepEqual(readBackbone(join(folder(), name, backboneFileName))!.origin, network.origin);

    assert.match(
      evaluated.printed,
      /^Network {4}authors\.pth \(PyTorch, net\.net\.\*, epoch 199\), trained elsewhere\n/,
    );
    assert.match(
      evaluated.printed,
      /shapes10, 40 training and 20 test\n\n5-NN top-1 .* %.*\nlinear top-1, best of 1 .* %/,
    );
    assert.equal(readdirSync(kept).length, 1);

    assert.match(exported.output, /x\.onnx, ResNet-18 of width 2 without max pooling/);
    assert.deepEqual(readFileSync(join(folder(), 'x.onnx')), Buffer.from(encodeOnnx(network)));
  });
});
