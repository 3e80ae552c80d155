// The benchmark: every engine that starts, stock TensorFlow and PyTorch, at the same work in turns.
//
//   npm run bench                           the whole table: an hour
//   npm run bench -- --widths 16 --batches 128 --tasks step --rounds 3
//   npm run bench -- --tasks methods --engines native --widths 16 --batches 128 --rounds 3 --skip-parts
//   MNN_PYTHON=venv/bin/python npm run bench      the Python that has torch, torchvision and Pillow
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { formatTable, type Table } from '../lib/core/table';
import { comparedMethods, findMethod } from '../lib/methods';
import { presetConfig } from '../lib/presets/presets';
import { collectProvenance } from '../lib/results';
import { measureAugmentation } from './augmentation';
import { type ContenderSettings, compare } from './contender';
import type { KitTask } from './contenders/kit';
import { kitContender } from './kit-contender';
import { stepMultiplyAdds } from './limit';
import { matrixPeak, measurePeaks, peakTable } from './matrix-peak';
import { type MethodTiming, measureMethod, methodTable } from './methods';
import { type BenchmarkRecord, type BenchmarkTiming, saveBenchmark } from './record';

const { values } = parseArgs({
  options: {
    widths: { type: 'string', default: '16,64' },
    batches: { type: 'string', default: '128,256' },
    tasks: { type: 'string', default: 'step,loop,knn,linear' },
    methods: { type: 'string', default: comparedMethods.join() },
    engines: { type: 'string', default: 'native,webgpu,wasm,tensorflow' },
    before: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    'skip-parts': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const help = `Usage: npm run bench -- [options]

  --widths 16,64           widths of the ResNet-18
  --batches 128,256        batch sizes
  --tasks step,loop,knn,linear
                           step: the MNN training step; loop: with the views made on the way;
                           knn: the 200 nearest of 50,000; linear: a step of the linear evaluation;
                           methods: the training step of each method beside MNN's
  --methods a,b            the methods of that task; all of the comparison
  --engines native,webgpu,wasm,tensorflow
                           tensorflow: native with TensorFlow's own operations alone
  --before FOLDER          a checkout of another version, whose native engine takes part
  --rounds 5               rounds that count, after one that does not
  --skip-parts             leave out the single kernels and the views

MNN_PYTHON names the Python with torch, torchvision and Pillow (default: python3).`;

const threads = availableParallelism();
const python = process.env.MNN_PYTHON ?? 'python3';
const list = (text: string) => text.split(',').filter((part) => part !== '');
const numbers = (text: string) => list(text).map(Number);

function contenders(task: KitTask['task'], width: number, batch: number): ContenderSettings[] {
  const engines = list(values.engines).map((engine) => {
    const title = engine === 'tensorflow' ? "TensorFlow's operations" : engine;
    return kitContender(title, engine, { task, width, batch });
  });
  if (values.before) {
    const folder = resolve(values.before);
    const title = `native of ${commitOf(folder)}`;
    engines.push(kitContender(title, 'native', { task, width, batch }, folder));
  }
  const script = join(__dirname, 'pytorch', 'contender.py');
  const settings = [
    '--task',
    task,
    '--width',
    String(width),
    '--batch',
    String(batch),
    '--threads',
    String(threads),
  ];
  const pytorch = { title: 'PyTorch', command: python, args: [script, ...settings] };
  const last = { ...pytorch, title: 'PyTorch, channels last', args: [...pytorch.args, '--channels-last'] };
  return [...engines, pytorch, ...(task === 'step' ? [last] : [])];
}

function commitOf(folder: string): string {
  return execFileSync('git', ['-C', folder, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
}

/**
 * A task's time by each contender.
 * @param peak the machine's, in multiply-adds per second; undefined where it is not known.
 */
async function timingsOf(
  task: KitTask['task'],
  width: number,
  batch: number,
  peak: number | undefined,
): Promise<BenchmarkTiming[]> {
  const limit = peak === undefined ? undefined : imagesAtPeak(task, width, peak);
  const outcomes = await compare(contenders(task, width, batch), Number(values.rounds));
  return outcomes.map(({ title, milliseconds, peakBytes, readyAfter, version, problem }) => ({
    ...{ task, width, batch, contender: title },
    version: version ?? null,
    milliseconds: milliseconds ?? null,
    peakBytes: peakBytes ?? null,
    readyAfter: readyAfter ?? null,
    ...(limit && milliseconds && { limitShare: (1000 * batch) / milliseconds / limit }),
    problem: problem ?? null,
  }));
}

/** Images per second of a training step that spends its whole time in products at the peak; undefined for others. */
function imagesAtPeak(task: KitTask['task'], width: number, peak: number): number | undefined {
  if (task !== 'step' && task !== 'loop') return undefined;
  const override = { model: { width } };
  const config = presetConfig({ preset: 'paper', method: 'mnn', dataset: 'cifar10', override });
  return peak / stepMultiplyAdds(config).winograd;
}

/** How many items of a task pass in a second. */
function perSecond({ task, batch, milliseconds }: BenchmarkTiming): number | null {
  return milliseconds === null ? null : (1000 * (task === 'knn' ? 1024 : batch)) / milliseconds;
}

/** What the column of the limit says. */
const limitNote =
  'limit: the fastest matrix product above, with 3x3 convolutions of stride 1 counted as a quarter (Winograd).';

function timingTable(timings: BenchmarkTiming[]): Table {
  const digits = (count: number) => (value: number) => value.toFixed(count);
  const pytorch = timings.find(({ contender }) => contender === 'PyTorch')?.milliseconds;
  return {
    columns: [
      { key: 'task', label: 'task', align: 'left' },
      { key: 'width', label: 'width', align: 'right' },
      { key: 'batch', label: 'batch', align: 'right' },
      { key: 'contender', label: '', align: 'left' },
      { key: 'perSecond', label: 'per second', align: 'right', format: digits(1) },
      { key: 'ratio', label: 'of PyTorch', align: 'right', format: digits(2) },
      { key: 'limit', label: '% of limit', align: 'right', format: digits(0) },
      { key: 'peak', label: 'peak MB', align: 'right', format: digits(0) },
      { key: 'ready', label: 'start s', align: 'right', format: digits(1) },
    ],
    rows: timings.map(({ limitShare, ...timing }) => ({
      ...timing,
      perSecond: perSecond(timing),
      ratio: timing.milliseconds && pytorch ? pytorch / timing.milliseconds : null,
      limit: limitShare === undefined ? null : 100 * limitShare,
      peak: timing.peakBytes && timing.peakBytes / 1e6,
      ready: timing.readyAfter && timing.readyAfter / 1000,
    })),
    notes: [
      ...(timings.some(({ limitShare }) => limitShare !== undefined) ? [limitNote] : []),
      ...timings.filter(({ problem }) => problem).map(({ contender, problem }) => `${contender}: ${problem}`),
    ],
  };
}

/** Every method beside MNN, on every engine. @throws UserError for a method that is not known. */
async function methodTimings(): Promise<MethodTiming[]> {
  const methods = list(values.methods).map((name) => findMethod(name).name);
  const timings: MethodTiming[] = [];
  for (const engine of list(values.engines)) {
    for (const width of numbers(values.widths)) {
      for (const batch of numbers(values.batches)) {
        const measured: MethodTiming[] = [];
        for (const method of methods) {
          measured.push(await measureMethod(method, { engine, width, batch, rounds: Number(values.rounds) }));
        }
        timings.push(...measured);
        console.log(`${formatTable(methodTable(measured), 'text')}\n`);
      }
    }
  }
  return timings;
}

/** What the kernels of an engine buy, or nothing, with a reason printed, where it does not start. */
function kernelTimings(engine: string, width: number, rounds: number): BenchmarkRecord['kernels'] {
  const settings = JSON.stringify({ engine, width, batch: 64, rounds });
  const script = join(__dirname, 'contenders', 'kernels.ts');
  try {
    const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
    return JSON.parse(
      execFileSync(process.execPath, ['-r', 'tsx/cjs', script, settings], { stdio, encoding: 'utf8' }),
    );
  } catch (error) {
    console.log(`No kernels of ${engine}: ${(error as Error).message}`);
    return [];
  }
}

function kernelTable(kernels: BenchmarkRecord['kernels']): Table {
  return {
    columns: [
      { key: 'engine', label: 'engine', align: 'left' },
      { key: 'kernel', label: 'kernel', align: 'left' },
      { key: 'shape', label: '', align: 'left' },
      { key: 'milliseconds', label: 'ms', align: 'right', format: (value) => value.toFixed(2) },
      { key: 'times', label: 'times as fast as plain', align: 'right', format: (value) => value.toFixed(1) },
    ],
    rows: kernels.map((row) => ({ ...row, times: row.plainMilliseconds / row.milliseconds })),
    notes: [],
  };
}

function viewTable(views: BenchmarkRecord['views']): Table {
  const libraries = [...new Set(views.flatMap(({ imagesPerSecond }) => Object.keys(imagesPerSecond)))];
  return {
    columns: [
      { key: 'recipe', label: 'views', align: 'left' },
      { key: 'size', label: 'pixels', align: 'right' },
      ...libraries.map((key) => ({ key, label: `${key} per second`, align: 'right' as const })),
    ],
    rows: views.map(({ recipe, size, imagesPerSecond }) => ({ recipe, size, ...imagesPerSecond })),
    notes: ['In one thread.'],
  };
}

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const startedAt = new Date();
  const timings: BenchmarkTiming[] = [];
  const tasks = list(values.tasks);
  const engines = list(values.engines).filter((engine) => engine === 'native' || engine === 'wasm');
  const matrixPeaks = await measurePeaks(engines, python, threads);
  const peak = matrixPeak(matrixPeaks);
  console.log(`${formatTable(peakTable(matrixPeaks), 'text')}\n`);
  for (const task of tasks.filter((name) => name !== 'methods') as KitTask['task'][]) {
    for (const width of numbers(values.widths)) {
      // The search does not depend on the network, and needs one setting alone.
      if (task === 'knn' && width !== numbers(values.widths)[0]) continue;
      for (const batch of task === 'knn' ? [numbers(values.batches)[0]] : numbers(values.batches)) {
        const measured = await timingsOf(task, width, batch, peak);
        timings.push(...measured);
        console.log(`${formatTable(timingTable(measured), 'text')}\n`);
      }
    }
  }
  const methods = tasks.includes('methods') ? await methodTimings() : [];
  const parts = !values['skip-parts'];
  const kernels = parts
    ? engines.flatMap((engine) =>
        numbers(values.widths).flatMap((width) => kernelTimings(engine, width, Number(values.rounds))),
      )
    : [];
  if (kernels.length > 0) console.log(`${formatTable(kernelTable(kernels), 'text')}\n`);
  const views = parts ? await measureAugmentation() : [];
  if (views.length > 0) console.log(`${formatTable(viewTable(views), 'text')}\n`);
  const path = saveBenchmark({
    schemaVersion: 1,
    kind: 'benchmark',
    provenance: collectProvenance({
      engine: { name: 'several', version: 'see timings', threads },
      startedAt,
      finishedAt: new Date(),
      resumed: 0,
    }),
    rounds: Number(values.rounds),
    matrixPeaks,
    timings,
    methods,
    kernels,
    views,
  });
  console.log(`Record: ${path}`);
}

main();
