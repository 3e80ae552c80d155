import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { packageRoot, projectRoot } from '../lib/core/paths';

describe('An install without packages of development', () => {
  it('has all that the library is compiled with, as the first command does it', () => {
    const { packages } = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8'));
    const compiler = require.resolve('typescript/bin/tsc');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', packageRoot, '--listFilesOnly'], {
      encoding: 'utf8',
    });
    const read = stdout.split('\n').map((file) => relative(projectRoot, file).split(sep).join('/'));
    const used = new Set(
      read.flatMap((file) => /^.*node_modules\/(@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []),
    );
    assert.ok(used.has('node_modules/zod') && used.has('node_modules/@types/node'), stdout);
    const missing = [...used].filter((name) => packages[name]?.dev);
    assert.deepEqual(missing, [], 'they belong to dependencies');
  });
});
