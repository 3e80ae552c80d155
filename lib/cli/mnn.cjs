#!/usr/bin/env node
// Starts the command line from its compiled form, compiling first where a source has changed: after `npm ci`
// nothing is compiled yet, since installing runs no scripts. Whoever cannot write here runs it from its sources then.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { dirname, join, relative } = require('node:path');

const lib = dirname(dirname(realpathSync(__filename)));
const dist = join(lib, 'dist');
const stamp = join(dist, '.compiled');

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => name !== 'dist' && name !== 'node_modules' && !name.startsWith('.'))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sources(path);
      return entry.name.endsWith('.ts') ? [path] : [];
    })
    .sort();
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${relative(lib, file)}\n`).update(readFileSync(file));
  return hash.digest('hex');
}

/** Times alone do not tell: files that are copied or checked out again get new ones. */
function isCurrent(files) {
  if (!existsSync(stamp)) return false;
  const { mtimeMs } = statSync(stamp);
  return (
    files.every((file) => statSync(file).mtimeMs <= mtimeMs) || readFileSync(stamp, 'utf8') === digest(files)
  );
}

function canWrite() {
  try {
    accessSync(existsSync(dist) ? dist : lib, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Of a file that became a folder, what was compiled before would be loaded in place of the folder. */
function removeStale(compiled, folder) {
  if (!existsSync(compiled)) return;
  for (const entry of readdirSync(compiled, { withFileTypes: true })) {
    const path = join(compiled, entry.name);
    const source = join(folder, entry.name);
    if (entry.isDirectory()) removeStale(path, source);
    else if (entry.name.endsWith('.js') && !existsSync(source.replace(/js$/, 'ts'))) rmSync(path);
  }
}

function compile(files) {
  process.stderr.write('Compiling the kit (only when its sources have changed) ...\n');
  removeStale(dist, lib);
  const compiler = require.resolve('typescript/bin/tsc');
  try {
    execFileSync(process.execPath, [compiler, '-b', lib], { stdio: 'inherit' });
  } catch {
    process.stderr.write('The kit does not compile; the messages above say where.\n');
    process.exit(1);
  }
  writeFileSync(stamp, digest(files));
}

function start() {
  // An installed package is compiled and has no sources.
  if (!existsSync(join(lib, 'tsconfig.json'))) return require('../dist/cli/main.js');
  const files = sources(lib);
  if (isCurrent(files)) return require('../dist/cli/main.js');
  if (canWrite()) {
    compile(files);
    return require('../dist/cli/main.js');
  }
  process.stderr.write(
    `The kit in ${dirname(lib)} is not compiled, and you cannot write there: it starts from its sources, which takes ` +
      'longer. Whoever installed it compiles it with: npx mnn doctor\n',
  );
  require('tsx/cjs');
  require('./main.ts');
}

start();
