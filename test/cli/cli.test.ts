import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../lib/core/paths';
import { comparableRecord, loadRecord } from '../../lib/results';
import { mnnCommand } from '../compile-kit';
import { mnn } from './mnn';

const tiny = [
  ...[
    'pretrain',
    '--dataset',
    'shapes10',
    '--preset',
    'quick',
    '--train',
    '64',
    '--test',
    '20',
    '--epochs',
    '4',
  ],
  ...['--batch-size', '16', '--width', '4', '--knn-k', '5', '--linear-epochs', '2', '--set', 'memoryBank=32'],
  ...['--workers', '0', '--engine', 'wasm'],
];

describe('The command line', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mnn-cli-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('shows examples with its help', () => {
    const { code, output } = mnn('--help');
    assert.equal(code, 0);
    assert.match(output, /Examples:\n {2}mnn reproduce quick/);
    assert.match(mnn('--version').output, /^\d+\.\d+\.\d+\n$/);
  });

  it('lists the methods, one with its options explained, and the settings of the comparison', () => {
    assert.match(mnn('methods').output, /\nun-mix: UnMix, .*\n {2}source {3}Shen and others/);
    assert.match(mnn('methods', 'snclr').output, /threshold {8}true or false; default false/);
    const { output } = mnn('methods', '--table', '--dataset', 'stl10');
    assert.match(output, /MoCoV2 .* 0\.996\* .* 16384\*/);
    assert.match(output, /\* assumed: .*no commands for STL-10/);
    assert.doesNotMatch(mnn('methods', 'byol', '--dataset', 'stl10').output, /memoryBank=|\* memoryBank/);
    assert.match(mnn('methods', 'byol', '--table').output, /--table shows every method/);
    assert.match(mnn('methods', '--dataset', 'shapes10').output, /Unknown dataset of the paper 'shapes10'/);
  });

  it('trains the first epochs of a run, and resumes it to its end', () => {
    const places = ['--runs', join(folder, 'runs'), '--records', join(folder, 'records')];
    const first = mnn(...tiny, ...places, '--until-epoch', '2', '--knn-at', '2');
    assert.equal(first.code, 0, first.output);
    assert.match(
      first.output,
      /\n +2 .*\nMNN on shapes10, preset quick, seed 1339: the first 2 of 4 epochs\./,
    );
    const validated = mnn('results', 'validate', '--records', join(folder, 'records'));
    assert.match(validated.output, /^0 valid, 0 not\npartial records: 1 valid, 0 not$/m);
    const { code, output } = mnn(...tiny, ...places);
    assert.equal(code, 0, output);
    assert.doesNotMatch(output, /epoch 2,/);
    assert.match(output, /epoch 4,/);
    assert.match(mnn(...tiny, ...places, '--knn-at', '2').output, /--knn-at needs --until-epoch/);
  });

  it('says in a sentence that a file was named where a folder is needed', () => {
    const file = join(folder, 'records.json');
    writeFileSync(file, '');
    for (const command of [
      ['results', 'list', '--records', file],
      ['runs', 'list', '--runs', file],
    ]) {
      const { code, output } = mnn(...command);
      assert.equal(code, 1);
      assert.match(output, /^\nCannot read or write .*records\.json \(ENOTDIR\)\. [^\n]*\n$/);
    }
  });

  it('refuses a file that is to bring a method and does not', () => {
    const load = (file: string) => mnn('methods', '--load', file).output;
    assert.match(load(join(folder, 'none.ts')), /There is no file .*none\.ts/);
    writeFileSync(join(folder, 'empty.ts'), 'export const nothing: number = 1;\n');
    assert.match(
      load(join(folder, 'empty.ts')),
      /empty\.ts registers no method or dataset: it has to call registerMethod or registerDataset/,
    );
    writeFileSync(join(folder, 'broken.ts'), "throw new Error('not today');\n");
    assert.match(load(join(folder, 'broken.ts')), /broken\.ts does not run: Error: not today/);
  });

  it('refuses options of mnn reproduce that would have no effect', () => {
    const linear = (...args: string[]) => mnn('reproduce', 'linear', '--dry-run', ...args).output;
    assert.match(linear('--figures', folder), /--figures is for quick, not for linear/);
    for (const what of ['linear', 'quick'])
      assert.match(
        mnn('reproduce', what, '--seed', '1', '--seeds', '1,2').output,
        /--seed and --seeds conflict/,
      );
  });

  it('reproduces a comparison in which nothing is trained, without a figure', () => {
    const small = ['--train', '64', '--test', '20', '--batch-size', '16', '--width', '4', '--knn-k', '5'];
    const rest = ['--linear-epochs', '0', '--workers', '0', '--engine', 'wasm'];
    const places = ['--runs', folder, '--records', folder, '--figures', join(folder, 'figures')];
    const what = ['--methods', 'untrained', '--seeds', '5,6'];
    const { code, output } = mnn('reproduce', 'quick', ...what, ...small, ...rest, ...places);
    assert.equal(code, 0, output);
    assert.match(output, /All of it takes about .*: 2 runs from a few steps measured just now/);
    assert.match(output, /\nmethod .* seeds +k-NN top-1 % +± /);
    assert.match(output, /\nUntrained +patterns10 +reduced +2 +\d+\.\d\d +\d+\.\d\d /);
    assert.ok(!existsSync(join(folder, 'figures')));
  });

  it('ends without a message when its output is no longer read', () => {
    const run = [process.execPath, ...mnnCommand].map((word) => `'${word}'`).join(' ');
    const script = `(${run} methods 2>&1; echo "status $?" >&2) | true`;
    const { stderr } = spawnSync('sh', ['-c', script], { cwd: projectRoot, encoding: 'utf8' });
    assert.equal(stderr, 'status 141\n');
  });

  it('says kindly that there are no records yet', () => {
    const { code, output } = mnn('results', 'list', '--records', join(folder, 'none'));
    assert.equal(code, 0, output);
    assert.match(output, /No records .* yet/);
  });

  const refused: [string, string[], RegExp][] = [
    ['an unknown method', ['--method', 'mmn'], /Unknown method 'mmn'. Did you mean mnn/],
    ['an unknown dataset', ['--dataset', 'cifar'], /Unknown dataset 'cifar'. Did you mean cifar10/],
    ['an unknown preset', ['--preset', 'smal'], /Unknown preset 'smal'. Did you mean small/],
    ['an unknown engine', ['--engine', 'wasn'], /Unknown engine 'wasn'. Did you mean wasm/],
    [
      'a batch that does not split evenly',
      ['--batch-size', '17'],
      /batchSize 17 is not divisible by model.bnSplits/,
    ],
    [
      'a bank smaller than a batch',
      ['--set', 'memoryBank=8'],
      /bank of 8 keys is smaller than the batch of 16/,
    ],
    ['an unknown option of a method', ['--set', 'topk=1'], /topk.*topK/s],
    ['an epoch count that is no number', ['--epochs', 'x'], /whole number/],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what} and says what is right`, () => {
      const { code, output } = mnn(...tiny, '--runs', folder, '--records', folder, ...args);
      assert.notEqual(code, 0);
      assert.match(output, message);
      assert.doesNotMatch(output, /\n {4}at /, 'no stack trace');
    });
  }

  it('refuses damaged CIFAR-10 files by name', () => {
    const place = join(folder, 'cifar-10-batches-bin');
    mkdirSync(place);
    writeFileSync(join(place, 'data_batch_1.bin'), Buffer.alloc(3073 * 2 + 5));
    writeFileSync(join(place, 'test_batch.bin'), Buffer.alloc(3073));
    const { code, output } = mnn('pretrain', '--dataset', 'cifar10', '--data', folder, '--engine', 'wasm');
    assert.equal(code, 1);
    assert.match(output, /data_batch_1\.bin/);
  });

  it('refuses a folder that cannot be written', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, output } = mnn(...tiny, '--runs', join(file, 'runs'), '--records', folder);
    assert.equal(code, 1);
    assert.match(output, /Cannot write .*file/);
  });

  it('names the missing field of a broken record', () => {
    writeFileSync(join(folder, 'broken.json'), JSON.stringify({ schemaVersion: 1, id: 'broken' }));
    const { code, output } = mnn('results', 'validate', '--records', folder);
    assert.equal(code, 1);
    assert.match(output, /broken\.json.*config/s);
  });

  it('ends a run killed at any step with the record of one left alone', async () => {
    const alone = join(folder, 'alone');
    assert.equal(mnn(...tiny, '--runs', alone, '--records', alone).code, 0);
    const killed = join(folder, 'killed');
    const args = [...tiny, '--runs', killed, '--records', killed];
    for (const line of [1, 3]) await killAtLine(args, line);
    const { code, output } = mnn(...args);
    assert.equal(code, 0, output);
    const [a, b] = [alone, killed].map(onlyRecord);
    assert.deepEqual(comparableRecord(b), comparableRecord(a));
    assert.ok(b.provenance.resumed > 0, 'it was resumed');
  });

  it('refuses a broken checkpoint, and starts over when asked to', () => {
    const args = [...tiny, '--epochs', '1', '--linear-epochs', '0', '--runs', folder, '--records', folder];
    assert.equal(mnn(...args).code, 0);
    const run = readdirSync(folder).find((name) => !name.endsWith('.json'))!;
    for (const name of readdirSync(join(folder, run))) {
      const file = join(folder, run, name);
      writeFileSync(file, readFileSync(file).subarray(0, 1000));
    }
    const { code, output } = mnn(...args);
    assert.equal(code, 1);
    assert.match(output, /checkpoint\.safetensors.*--restart/s);
    assert.equal(mnn(...args, '--restart').code, 0);
  });

  const signals = [
    ['SIGINT', 130],
    ['SIGUSR1', 75],
  ] as const;
  for (const [signal, exitCode] of signals) {
    it(`saves on ${signal}, says how to go on and ends with exit code ${exitCode}`, async () => {
      const args = [...tiny, '--epochs', '400', '--runs', folder, '--records', folder];
      const { child, exit } = start(args);
      await lines(child, 1);
      child.kill(signal);
      const { code, output } = await exit;
      assert.equal(code, exitCode, output);
      assert.match(output, /stopped after step \d+.*goes on from there/s);
      const run = readdirSync(folder)[0];
      assert.ok(existsSync(join(folder, run, 'checkpoint.safetensors')));
      if (signal === 'SIGUSR1')
        assert.match(
          mnn('runs', 'list', '--runs', folder, '--records', folder).output,
          /resumable +mnn +shapes10/,
        );
    });
  }
});

function onlyRecord(folder: string): ReturnType<typeof loadRecord> {
  return loadRecord(join(folder, readdirSync(folder).find((name) => name.endsWith('.json'))!));
}

function start(args: string[]): {
  child: ChildProcess;
  exit: Promise<{ code: number | null; output: string }>;
} {
  const child = spawn(process.execPath, [...mnnCommand, ...args], { cwd: projectRoot });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const exit = new Promise<{ code: number | null; output: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, output })),
  );
  return { child, exit };
}

/** Resolves when the run has told of so many epochs. */
function lines(child: ChildProcess, count: number): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    child.stderr!.on('data', (data) => {
      text += data;
      if ((text.match(/: epoch \d+/g) ?? []).length >= count) resolve();
    });
    child.on('close', () => resolve());
  });
}

async function killAtLine(args: string[], line: number): Promise<void> {
  const { child, exit } = start(args);
  // After a resume fewer epochs are left to be told of; the end of the run then comes first, which is fine.
  await lines(child, line);
  child.kill('SIGKILL');
  await exit;
}
