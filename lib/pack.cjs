// Makes the package: `node lib/pack.cjs [folder]` writes mnn-kit-<version>.tgz there, compiled and with all that it reads.
const { execFileSync } = require('node:child_process');
const { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { dirname, join, resolve } = require('node:path');

const lib = __dirname;
const root = dirname(lib);
const target = resolve(process.argv[2] ?? '.');

/** What the compiled code reads beside itself, and what people read. */
const assets = [
  'package.json',
  'cli/mnn.cjs',
  'core/heartbeat-worker.cjs',
  'augment/wasm/views.wasm',
  'engine/native/ops',
  'engine/wasm/kernel-worker.cjs',
  'engine/wasm/kernels-relaxed.wasm',
  'engine/wasm/kernels.wasm',
  'engine/wasm/pthread-worker.cjs',
  'report/page.css',
  'report/page.js',
];
const ofRoot = ['README.md', 'LICENSE', 'CHANGELOG.md', 'CITATION.cff', 'results/published.json'];
/** Of tfjs-node what an engine is made of. Inside the package it runs no install script, which downloads TensorFlow. */
const ofTfjsNode = ['package.json', 'dist', 'binding', 'scripts'];

function copy(from, to, names) {
  for (const name of names.filter((each) => existsSync(join(from, each)))) {
    mkdirSync(dirname(join(to, name)), { recursive: true });
    cpSync(join(from, name), join(to, name), { recursive: true });
  }
}

const stage = mkdtempSync(join(tmpdir(), 'mnn-kit-pack-'));
try {
  // Anew, since `lib/dist` may have what was compiled of files that are gone.
  const afresh = [
    '--outDir',
    join(stage, 'dist'),
    '--sourceMap',
    'false',
    '--composite',
    'false',
    '--incremental',
    'false',
  ];
  const compiler = require.resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [compiler, '-p', lib, '--tsBuildInfoFile', 'null', ...afresh], {
    stdio: 'inherit',
  });
  copy(lib, stage, assets);
  copy(root, stage, ofRoot);
  const tfjsNode = dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json'));
  copy(tfjsNode, join(stage, 'vendor', 'tfjs-node-gpu'), ofTfjsNode);
  mkdirSync(target, { recursive: true });
  execFileSync('npm', ['pack', stage, '--silent', '--pack-destination', target], {
    cwd: root,
    stdio: 'inherit',
  });
} finally {
  rmSync(stage, { recursive: true, force: true });
}
