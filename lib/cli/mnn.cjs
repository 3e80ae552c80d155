#!/usr/bin/env node
// Starts the command line from its compiled form, compiling first where a source is newer: after `npm ci`
// nothing is compiled yet, since installing runs no scripts.
const { execFileSync } = require('node:child_process');
const { existsSync, readdirSync, realpathSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const lib = dirname(dirname(realpathSync(__filename)));
const stamp = join(lib, 'dist', '.compiled');

function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'dist' && entry.name !== 'node_modules')
        newest = Math.max(newest, newestSource(path));
    } else if (entry.name.endsWith('.ts')) newest = Math.max(newest, statSync(path).mtimeMs);
  }
  return newest;
}

if (!existsSync(stamp) || statSync(stamp).mtimeMs < newestSource(lib)) {
  process.stderr.write('Compiling the kit (only when its sources have changed) ...\n');
  const compiler = require.resolve('typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [compiler, '-b', lib], { stdio: 'inherit' });
  } catch {
    process.stderr.write('The kit does not compile; the messages above say where.\n');
    process.exit(1);
  }
  writeFileSync(stamp, '');
}
require('../dist/cli/main.js');
