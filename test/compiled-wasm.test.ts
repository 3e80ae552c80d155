import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../lib/core/paths';

describe('The committed WebAssembly', () => {
  for (const [part, binary, ...target] of [
    ['engine', 'kernels.wasm', '--target', 'plain'],
    ['engine', 'kernels-relaxed.wasm', '--target', 'relaxed'],
    ['augment', 'views.wasm'],
  ]) {
    it(`is what its sources compile to: ${binary}`, () => {
      const folder = mkdtempSync(join(tmpdir(), 'mnn-wasm-'));
      const out = join(folder, binary);
      const config = join('lib', part, 'wasm', 'assembly', 'asconfig.json');
      const compiler = join(projectRoot, 'node_modules', 'assemblyscript', 'bin', 'asc.js');
      const settings = [compiler, '--config', config, ...target, '--outFile', out];
      execFileSync(process.execPath, settings, { cwd: projectRoot });
      const committed = readFileSync(join(projectRoot, 'lib', part, 'wasm', binary));
      assert.ok(committed.equals(readFileSync(out)), 'run npm run build:wasm');
      rmSync(folder, { recursive: true });
    });
  }
});
