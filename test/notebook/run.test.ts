import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot, projectRoot } from '../../lib/core/paths';
import type { NotebookResult, RunNotebookOptions } from '../../lib/notebook';
import { compileKit } from '../compile-kit';

compileKit();
/** The compiled library, whose kernels start sooner. */
const {
  checkNotebook,
  parseParameter,
  runNotebook,
}: typeof import('../../lib/notebook') = require('../../lib/dist/notebook');

interface SavedCell {
  execution_count: number | null;
  outputs: Record<string, unknown>[];
  source: string[];
  metadata: Record<string, unknown>;
}

const code = (source: string, ...tags: string[]) => ({
  cell_type: 'code',
  metadata: tags.length > 0 ? { tags } : {},
  source,
  outputs: [{ output_type: 'stream', name: 'stdout', text: 'old' }],
  execution_count: 9,
});
const prose = { cell_type: 'markdown', metadata: {}, source: '# Title' };
const stream = (name: string, ...text: string[]) => ({ output_type: 'stream', name, text });

/** The cells of one notebook, which is run once; each test looks at its own. */
const sections = {
  order: [
    prose,
    code("import { basename } from 'path';\nconst n: number = 2;"),
    code("console.log('a', n);\nconsole.error('b');\nconsole.log(basename(process.cwd()).slice(0, 9));"),
    code(''),
    code("import * as tslab from 'tslab';\ntslab.display.html('<b>x</b>');\nawait Promise.resolve(n + 1)"),
  ],
  displays: [
    code("const one = tslab.newDisplay();\none.text('1'); one.text('2');"),
    code("const two = tslab.newDisplay();\ntwo.text('1');"),
    code("two.text('2');"),
  ],
  times: [{ ...code('1'), metadata: { tags: ['x'], execution: { 'iopub.status.busy': 'now' } } }],
  written: [
    code("console.log('first')"),
    code("console.log(require('fs').readFileSync('a.ipynb', 'utf8').includes('\"fir' + 'st'))"),
  ],
  exports: [
    code(
      'export const rate = 0.3;\nexport async function* steps() { yield 1; yield 2; }\nexport type Step = number;',
    ),
    code('for await (const step of steps()) console.log(rate * step);\nexport default rate as Step;'),
    code('export default function () {}'),
    code('export default class { size = 1 }'),
  ],
  using: [
    code(
      'const log: string[] = [];\n' +
        'const held = (name: string) => ({ name, [Symbol.dispose]: () => void log.push("-" + name) });\n' +
        'const later = (name: string) => ({ name, async [Symbol.asyncDispose]() { await null; log.push("~" + name); } });',
    ),
    code(
      'function sum() { using a = held("a"), b = held("b"); return a.name + b.name; }\n' +
        'async function wait() {await using c = later("c")}\n' +
        'await using d = later("d");\nusing none = null;\n' +
        'console.log(sum()); await wait();\n' +
        'for (using e of [held("e"), held("f")]) { console.log(e.name); }\nconsole.log(log.join(" "));',
    ),
    code('console.log(log.at(-1), d.name)'),
    code(
      'try { using g = held("g"); throw new RangeError("first"); } catch (e) { console.log(String(e), log.at(-1)); }',
    ),
  ],
  names: [
    code(
      "import own from './own.json' with { type: 'json' };\nconst seed = own.seed, other = 3;\nlet a = 0, b = 0;",
    ),
    code(
      'const { seed: s } = { seed };\n({ a, b = 5 } = { a: seed } as any);\nconsole.log(s, { other }, a, b)',
    ),
  ],
  meta: [
    code(
      "import { fileURLToPath } from 'node:url';\nimport { here } from './own';\n" +
        'console.log(here === import.meta.dirname, import.meta.dirname === process.cwd(),\n' +
        "  fileURLToPath(new URL('own.ts', import.meta.url)) === require.resolve('./own.ts'), 'import.meta');",
    ),
  ],
  packages: [
    code(
      `import { z } from 'zod';\nimport * as same from ${JSON.stringify(join(projectRoot, 'node_modules', 'zod'))};`,
    ),
    code(
      'const schema = z.strictObject({ n: z.number() });\nconst strict = same.strictObject({ n: same.number() });',
    ),
    code('console.log(schema.parse({ n: 5 }).n + strict.parse({ n: 1 }).n)'),
  ],
  wrong: [
    code("const text = 'export';\nexport { text };\nexport const wrong: number = text;"),
    code("console.log('never')"),
  ],
};

/** What a cell that wants to save something looks at. */
const interruption = join(packageRoot, 'dist', 'core', 'interruption');

/** Seconds in which a kernel starts and runs cells on this machine, which may have other work. */
let longEnough = 15;

describe('A notebook that is run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'notebook-'));
  let result: NotebookResult;
  let ran: Record<keyof typeof sections, SavedCell[]>;
  before(async () => {
    const start = performance.now();
    const file = join(folder, 'a.ipynb');
    writeFileSync(join(folder, 'own.json'), '{"seed": 7}');
    writeFileSync(join(folder, 'own.ts'), 'export const here = import.meta.dirname;');
    const entries = Object.entries(sections);
    const cells = entries.flatMap(([, section]): unknown[] => section);
    writeFileSync(file, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 4 }));
    result = await runNotebook(file);
    longEnough = (performance.now() - start) / 1000;
    const saved: SavedCell[] = JSON.parse(readFileSync(file, 'utf8')).cells;
    ran = Object.fromEntries(
      entries.map(([name, section]) => [name, saved.splice(0, section.length)]),
    ) as typeof ran;
  });

  after(() => rmSync(folder, { recursive: true }));

  it('shows in order what its cells did, in its own folder', () => {
    const cells = ran.order;
    assert.deepEqual(
      cells.map((cell) => cell.execution_count),
      [undefined, 1, 2, null, 3],
    );
    assert.deepEqual(cells[2].outputs, [
      stream('stdout', 'a 2\n'),
      stream('stderr', 'b\n'),
      stream('stdout', 'notebook-\n'),
    ]);
    assert.deepEqual(cells[4].outputs, [
      { output_type: 'display_data', data: { 'text/html': ['<b>x</b>'] }, metadata: {} },
      stream('stdout', '3\n'),
    ]);
  });

  it('lets a display be replaced, also from a later cell, as Jupyter does', () => {
    assert.deepEqual(
      ran.displays.map(({ outputs }) => outputs.map((output) => output.data)),
      [[{ 'text/plain': ['2'] }], [{ 'text/plain': ['2'] }], []],
    );
  });

  it("forgets the times that Jupyter keeps in a cell's metadata", () => {
    assert.deepEqual(ran.times[0].metadata, { tags: ['x'] });
  });

  it('is written after each cell', () => {
    assert.deepEqual(ran.written[1].outputs, [stream('stdout', 'true\n')]);
  });

  it('may have what a file has at its top: export, and loops that await', () => {
    assert.deepEqual(ran.exports[1].outputs, [stream('stdout', '0.3\n', '0.6\n', '0.3\n')]);
  });

  it('may have using, and disposes of what a block or a cell holds at its end', () => {
    assert.deepEqual(ran.using[1].outputs, [stream('stdout', 'ab\n', 'e\n', 'f\n', '-b -a ~c -e -f\n')]);
    assert.deepEqual(ran.using[2].outputs, [stream('stdout', '~d d\n')]);
    assert.deepEqual(ran.using[3].outputs, [stream('stdout', 'RangeError: first -g\n')]);
  });

  it('may have import.meta, attributes of imports, and short names of what earlier cells declare', () => {
    assert.deepEqual(ran.meta[0].outputs, [stream('stdout', 'true true true import.meta\n')]);
    assert.deepEqual(ran.names[1].outputs, [stream('stdout', '7 { other: 3 } 7 5\n')]);
  });

  it("finds the kit's packages in any folder, and names their types for the next cell", () => {
    assert.deepEqual(ran.packages[2].outputs, [stream('stdout', '6\n')]);
  });

  it('stops at a type error, which is the output of its cell', () => {
    const { ok, stopped, error, cellsRun } = result;
    assert.deepEqual([ok, stopped, error?.name, cellsRun], [false, false, 'CompilerError', 24]);
    assert.match(error!.message, /^3:14 - Type 'string' is not assignable/);
    const [wrong, after] = ran.wrong;
    assert.equal(wrong.outputs.at(-1)?.output_type, 'error');
    assert.deepEqual([after.execution_count, after.outputs], [null, []]);
  });
});

describe('headless notebook', function () {
  this.timeout(120_000);
  let file: string;
  beforeEach(() => {
    file = join(mkdtempSync(join(tmpdir(), 'notebook-')), 'a.ipynb');
  });
  afterEach(() => rmSync(join(file, '..'), { recursive: true }));

  const write = (...cells: unknown[]) =>
    writeFileSync(file, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 4 }));
  const writeWith = (metadata: object, ...cells: unknown[]) =>
    writeFileSync(file, JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 4 }));
  const saved = (path = file): SavedCell[] => JSON.parse(readFileSync(path, 'utf8')).cells;
  const run = async (cells: unknown[], options: RunNotebookOptions = {}) => {
    write(...cells);
    const result = await runNotebook(file, { timeoutSeconds: 60, ...options });
    return { result, cells: saved(options.output) };
  };

  for (const [what, source, name, message] of [
    ['a thrown error', "throw new TypeError('boom')", 'TypeError', 'boom'],
    ['the end of the kernel', 'process.exit(3)', 'KernelDied', /exit status 3/],
  ] as const) {
    it(`keeps ${what} as the cell's output and stops there`, async () => {
      const { result, cells } = await run([code('console.log(1)'), prose, code(source), code('2')]);
      assert.equal(result.ok, false);
      assert.deepEqual([result.error?.cell, result.error?.name], [3, name]);
      assert.match(result.error?.message ?? '', new RegExp(message));
      assert.equal(cells[2].outputs.at(-1)?.output_type, 'error');
      assert.deepEqual([cells[3].execution_count, cells[3].outputs], [null, []]);
    });
  }

  it('is stopped when its time is up, with what was shown so far, and may save what it has', async () => {
    const saving =
      `const stop = require(${JSON.stringify(interruption)}).interruptSignal();\nconsole.log('begun');\n` +
      "await new Promise<void>((end) => stop.onabort = () => { console.log('saved'); end(); });\nwhile (true) {}";
    const { result, cells } = await run([code(saving)], { timeoutSeconds: longEnough });
    assert.deepEqual([result.ok, result.stopped, result.error?.name], [false, false, 'TimeoutError']);
    assert.match(result.error?.message ?? '', /longer than [\d.]+ s/);
    assert.deepEqual(
      [cells[0].outputs[0], cells[0].outputs.length],
      [stream('stdout', 'begun\n', 'saved\n'), 2],
    );
  });

  it('takes new values for its parameters, in a cell of their own, and leaves the same file when it runs again', async () => {
    const output = join(file, '..', 'b.ipynb');
    const declared =
      'const n = 2, b = 2;\nexport let c: number | null = 3;\nconst { d, e: [f] } = { d: 4, e: [5] };';
    const shown = "console.log(n, c === null ? 'none' : c.toFixed(1), b, d, f)";
    const progress = "process.stdout.write('10%\\r');\nprocess.stdout.write('100%\\n');";
    const { result, cells } = await run([code(declared, 'parameters'), code(shown), code(progress)], {
      set: { n: 5, b: 7, c: null, f: 8 },
      output,
    });
    assert.equal(result.error, null);
    assert.deepEqual(cells[1].source, [
      'const n = 5;\n',
      'const b = 7;\n',
      'const c: number | null = null;\n',
      'const f = 8;',
    ]);
    assert.deepEqual(cells[2].outputs, [stream('stdout', '5 none 7 4 8\n')]);
    await assert.rejects(runNotebook(file, { set: { e: 1 } }), /Its parameters: n, b, c, d, f\./);
    await runNotebook(output);
    assert.deepEqual(saved(output)[1].outputs, [stream('stdout', '2 3.0 2 4 5\n')]);
    const first = readFileSync(output, 'utf8');
    assert.match(first, /"100%\\n"/);
    assert.doesNotMatch(first, /10%\\r|old/);
    await runNotebook(output);
    assert.equal(readFileSync(output, 'utf8'), first);
  });

  it('names the parameters that there are', async () => {
    write(code('const n = 2;', 'parameters'));
    await assert.rejects(runNotebook(file, { set: { m: 1 } }), /no parameter m\. Its parameters: n\./);
    write(code('1'));
    await assert.rejects(runNotebook(file, { set: { m: 1 } }), /Tag a cell 'parameters'/);
  });

  it('takes parameters as JSON where they are, and as text elsewhere', () => {
    const parsed = [
      'a=3',
      'b=true',
      'c=["mnn", 2]',
      'd=small',
      'e=a=b',
      'f=',
      'g="3"',
      'h={"x":1}',
      'i=null',
    ].map(parseParameter);
    assert.deepEqual(Object.fromEntries(parsed), {
      a: 3,
      b: true,
      c: ['mnn', 2],
      d: 'small',
      e: 'a=b',
      f: '',
      g: '3',
      h: { x: 1 },
      i: null,
    });
    assert.throws(() => parseParameter('epochs 2'), /'epochs 2' is not of the form name=value/);
  });

  it('reads what Python and older programs wrote: outputs with NaN, and outputs that are none', async () => {
    const cell = (outputs: string) =>
      `{"cell_type": "code", "metadata": {}, "source": "console.log('NaN \\" NaN')", "outputs": [${outputs}]}`;
    const cells = [
      cell('{"output_type": "display_data", "metadata": {}, "data": {"a/b": {"y": [1, NaN, -Infinity]}}}'),
      cell('{"output_type": "pyout", "text": 3}'),
    ];
    writeFileSync(
      file,
      `\uFEFF{"cells": [${cells}], "metadata": {"x": "Infinity"}, "nbformat": 4, "nbformat_minor": 4}`,
    );
    assert.equal((await runNotebook(file)).error, null);
    for (const { outputs } of saved()) assert.deepEqual(outputs, [stream('stdout', 'NaN " NaN\n')]);
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).metadata.x, 'Infinity');
  });

  describe('of another language', () => {
    const python = { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } };
    for (const [what, metadata] of [
      ['by its kernel', python],
      ['by the name of its kernel', { kernelspec: { name: 'ir', display_name: 'R' } }],
      ['by its language', { language_info: { name: 'julia' } }],
    ] as const) {
      it(`${what} is refused and stays as it is`, async () => {
        writeWith(metadata, code("print('12 hours of work')"));
        const before = readFileSync(file, 'utf8');
        await assert.rejects(runNotebook(file), {
          name: 'UserError',
          message: /is a notebook of (python|the kernel ir|julia), and this runs TypeScript/,
        });
        assert.equal(readFileSync(file, 'utf8'), before);
      });
    }

    it('in one cell is refused too, as VS Code keeps it', async () => {
      write(code('1'), { ...code('print(1)'), metadata: { vscode: { languageId: 'python' } } });
      await assert.rejects(runNotebook(file), /Cell 2 of .* is of python/);
    });

    it('is not taken for one by a name that its kernel has elsewhere', async () => {
      writeWith({ kernelspec: { name: 'tslab', display_name: 'TypeScript' } }, code('1'));
      checkNotebook(file);
    });
  });

  describe('that is stopped', () => {
    const mark = () => join(file, '..', 'mark');
    /** Text of a cell that says that it is time to stop the notebook. */
    const say = () => `require('fs').writeFileSync(${JSON.stringify(mark())}, '');`;
    const stopAtMark = async (...cells: unknown[]) => {
      write(...cells);
      const controller = new AbortController();
      const watch = setInterval(() => existsSync(mark()) && controller.abort('SIGTERM'), 50);
      return runNotebook(file, { signal: controller.signal }).finally(() => clearInterval(watch));
    };

    it('keeps what was computed, ends its process and says in which cell it was', async () => {
      const own = "console.log(process.pid);\nconsole.log('an hour of training: 91.2 %');";
      const wait = 'await new Promise(() => setInterval(() => {}, 1e6));';
      const result = await stopAtMark(code(own), code(`${say()}\n${wait}`));
      assert.deepEqual([result.ok, result.stopped, result.written], [false, true, file]);
      assert.deepEqual([result.error?.cell, saved()[1].outputs.length], [2, 1]);
      const [{ text }] = saved()[0].outputs as [{ text: string[] }];
      assert.equal(text[1], 'an hour of training: 91.2 %\n');
      assert.throws(() => process.kill(Number(text[0]), 0), /ESRCH/);
    });

    it('ends a cell that never awaits anything', async () => {
      const result = await stopAtMark(code(`console.log('begun');\nawait null;\n${say()}\nwhile (true) {}`));
      assert.ok(result.stopped);
      assert.deepEqual(saved()[0].outputs[0], stream('stdout', 'begun\n'));
      assert.equal(result.error?.name, 'Interrupted');
      assert.equal(saved()[0].outputs.length, 2, 'one error');
    });

    it('has one error in its cell, with what the cell threw when it was stopped', async () => {
      const signal = `require(${JSON.stringify(interruption)}).interruptSignal()`;
      const result = await stopAtMark(
        code(
          `const signal = ${signal};\nconst stop = new Promise((_, no) => signal.onabort = () => no(new RangeError('at step 7')));\n` +
            `${say()}\nawait stop;`,
        ),
      );
      assert.match(result.error?.message ?? '', /stopped in this cell \(SIGTERM\)\. RangeError: at step 7$/);
      assert.equal(saved()[0].outputs.length, 1);
    });

    it('before anything was computed leaves the file as it was', async () => {
      write(code('await new Promise(() => {});'));
      const result = await runNotebook(file, { signal: AbortSignal.abort('SIGINT') });
      assert.deepEqual([result.stopped, result.written], [true, null]);
      assert.equal(saved()[0].outputs[0].text, 'old');
    });
  });

  it('goes beside a file that somebody changed meanwhile', async () => {
    const change = `require('fs').appendFileSync(${JSON.stringify(file)}, '\\n');`;
    write(code(`${change}\nconsole.log('run')`));
    const before = readFileSync(file, 'utf8');
    const { ok, written } = await runNotebook(file);
    assert.deepEqual([ok, written], [true, file.replace('.ipynb', '-run1.ipynb')]);
    assert.equal(readFileSync(file, 'utf8'), `${before}\n`);
    assert.deepEqual(saved(written!)[0].outputs, [stream('stdout', 'run\n')]);
  });

  it('is not begun where it could not be written', async () => {
    const mark = join(file, '..', 'mark');
    write(code(`require('fs').writeFileSync(${JSON.stringify(mark)}, '')`));
    for (const output of [join(file, 'out.ipynb'), join(file, '..')])
      await assert.rejects(runNotebook(file, { output }), { name: 'UserError', message: /Cannot write/ });
    assert.ok(!existsSync(mark));
  });

  it('refuses what is no notebook', async () => {
    writeFileSync(file, '{"nbformat": 3}');
    await assert.rejects(runNotebook(file), {
      name: 'UserError',
      message: /no notebook of format 4:.*nbformat/s,
    });
    const cells = [null, { cell_type: 'code', source: 'a' }, { cell_type: 'code', source: 3, metadata: {} }];
    for (const cell of cells) {
      writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] }));
      await assert.rejects(runNotebook(file), { name: 'UserError', message: /format 4:.*at cells\[0\]/s });
    }
    await assert.rejects(runNotebook(join(file, 'none')), {
      name: 'UserError',
      message: /Cannot read the notebook/,
    });
  });
});
