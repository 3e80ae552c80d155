#!/usr/bin/env node
// Starts the command line from its compiled form, compiling first where a source is newer: after `npm ci`
// nothing is compiled yet, since installing runs no scripts.
const { spawn } = require('node:child_process');
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

const start = () => require('../dist/cli/main.js');

if (existsSync(stamp) && statSync(stamp).mtimeMs >= newestSource(lib)) start();
else compile();

function compile() {
  const begun = performance.now();
  const title = 'Compiling the kit (only when its sources have changed; 10 to 30 s) ...';
  const seconds = () => `${Math.round((performance.now() - begun) / 1000)} s`;
  const { isTTY } = process.stderr;
  process.stderr.write(isTTY ? title : `${title}\n`);
  const clock = isTTY && setInterval(() => process.stderr.write(`\r${title} ${seconds()}`), 1000);
  const compiler = require.resolve('typescript/bin/tsc');
  const child = spawn(process.execPath, [compiler, '-b', lib], { stdio: 'inherit' });
  child.on('close', (code) => {
    clearInterval(clock);
    if (isTTY) process.stderr.write('\n');
    if (code === 0) {
      writeFileSync(stamp, '');
      start();
    } else {
      process.stderr.write('The kit does not compile; the messages above name the lines.\n');
      process.exitCode = 1;
    }
  });
}
