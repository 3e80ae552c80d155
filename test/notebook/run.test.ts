import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot, projectRoot } from '../../lib/core/paths';
import { checkNotebook, parseParameter, type RunNotebookOptions, runNotebook } from '../../lib/notebook';

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

describe('headless notebook', () => {
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

  it('runs the cells in order, in its own folder, and keeps what they show in order', async () => {
    const { result, cells } = await run([
      prose,
      code("import { basename } from 'path';\nconst n: number = 2;"),
      code("console.log('a', n);\nconsole.error('b');\nconsole.log(basename(process.cwd()).slice(0, 9));"),
      code(''),
      code("import * as tslab from 'tslab';\ntslab.display.html('<b>x</b>');\nawait Promise.resolve(n + 1)"),
    ]);
    assert.deepEqual(result, { file, written: file, ok: true, stopped: false, cellsRun: 3, error: null });
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

  it('leaves the same file when it runs again', async () => {
    write(code("process.stdout.write('10%\\r');\nprocess.stdout.write('100%\\n');"));
    await runNotebook(file);
    const first = readFileSync(file, 'utf8');
    assert.match(first, /"100%\\n"/);
    assert.doesNotMatch(first, /10%\\r|old/);
    await runNotebook(file);
    assert.equal(readFileSync(file, 'utf8'), first);
  });

  it('lets a display be replaced', async () => {
    const { cells } = await run([
      code("import * as tslab from 'tslab';\nconst d = tslab.newDisplay();\nd.text('1'); d.text('2');"),
    ]);
    assert.deepEqual(
      cells[0].outputs.map((output) => output.data),
      [{ 'text/plain': ['2'] }],
    );
  });

  for (const [what, source, name, message] of [
    ['a thrown error', "throw new TypeError('boom')", 'TypeError', 'boom'],
    ['a type error', "const n: number = 'a';", 'CompilerError', /1:7 - Type 'string' is not assignable/],
    ['a promise that nobody awaits', "Promise.reject(new Error('late'));", 'Error', 'late'],
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

  it('is stopped when its time is up, with what was shown so far', async () => {
    const { result, cells } = await run([code("console.log('begun');\nwhile (true) {}")], {
      timeoutSeconds: 6,
    });
    assert.match(result.error?.message ?? '', /longer than 6 s/);
    assert.deepEqual(cells[0].outputs[0], stream('stdout', 'begun\n'));
  });

  it('lets a display be replaced from a later cell, as Jupyter does', async () => {
    const { cells } = await run([
      code("import * as tslab from 'tslab';\nconst d = tslab.newDisplay();\nd.text('1');"),
      code("d.text('2');"),
    ]);
    assert.deepEqual(
      cells.map(({ outputs }) => outputs.map((output) => output.data)),
      [[{ 'text/plain': ['2'] }], []],
    );
  });

  it("forgets the times that Jupyter keeps in a cell's metadata", async () => {
    const timed = { ...code('1', 'x'), metadata: { tags: ['x'], execution: { 'iopub.status.busy': 'now' } } };
    const { cells } = await run([timed]);
    assert.deepEqual(cells[0].metadata, { tags: ['x'] });
  });

  it('takes new values for its parameters, in a cell of their own', async () => {
    const output = join(file, '..', 'b.ipynb');
    const { cells } = await run(
      [code("const n = 2;\nconst s = 'a';", 'parameters'), code('console.log(n, s)')],
      {
        set: { n: 5 },
        output,
      },
    );
    assert.deepEqual(cells[1].source, ['const n = 5;']);
    assert.deepEqual(cells[2].outputs, [stream('stdout', '5 a\n')]);
    await runNotebook(output);
    assert.deepEqual(saved(output)[1].outputs, [stream('stdout', '2 a\n')]);
  });

  it('keeps the types that parameters have, and knows each by its name', async () => {
    const declared =
      'const a = 1, b = 2;\nexport let c: number | null = 3;\nconst { d, e: [f] } = { d: 4, e: [5] };';
    const { result, cells } = await run(
      [code(declared, 'parameters'), code("console.log(c === null ? 'none' : c.toFixed(1), b, d, f)")],
      { set: { b: 7, c: null, f: 8 } },
    );
    assert.equal(result.error, null);
    assert.deepEqual(cells[1].source, ['const b = 7;\n', 'const c: number | null = null;\n', 'const f = 8;']);
    assert.deepEqual(cells[2].outputs, [stream('stdout', 'none 7 4 8\n')]);
    await assert.rejects(runNotebook(file, { set: { e: 1 } }), /Its parameters: a, b, c, d, f\./);
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

  it('takes what a file may have at its top: export, and loops that await', async () => {
    const { result, cells } = await run([
      code(
        'export const rate = 0.3;\nexport async function* steps() { yield 1; yield 2; }\nexport type Step = number;',
      ),
      code('for await (const step of steps()) console.log(rate * step);\nexport default rate as Step;'),
      code('export default function () {}'),
      code('export default class { size = 1 }'),
      code("const text = 'export';\nexport { text };\nexport const wrong: number = text;"),
    ]);
    assert.deepEqual(cells[1].outputs, [stream('stdout', '0.3\n', '0.6\n', '0.3\n')]);
    assert.match(result.error?.message ?? '', /^3:14 - Type 'string' is not assignable/);
  });

  it('takes what newer TypeScript has: using, import.meta, attributes, short names; disposes of what a block or the cell holds at its end', async () => {
    writeFileSync(join(file, '..', 'own.json'), '{"seed": 7}');
    writeFileSync(join(file, '..', 'own.ts'), 'export const here = import.meta.dirname;');
    const { result, cells } = await run([
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
      code(
        "import own from './own.json' with { type: 'json' };\nconst seed = own.seed, other = 3;\nlet a = 0, b = 0;",
      ),
      code(
        'const { seed: s } = { seed };\n({ a, b = 5 } = { a: seed } as any);\nconsole.log(log.at(-1), d.name, s, { other }, a, b)',
      ),
      code(
        "import { fileURLToPath } from 'node:url';\nimport { here } from './own';\n" +
          'console.log(here === import.meta.dirname, import.meta.dirname === process.cwd(),\n' +
          "  fileURLToPath(new URL('own.ts', import.meta.url)) === require.resolve('./own.ts'), 'import.meta');",
      ),
      code(
        'try { using g = held("g"); throw new RangeError("first"); } catch (e) { console.log(String(e), log.at(-1)); }',
      ),
      code('using wrong = held("h"), other: number = "i";'),
    ]);
    assert.deepEqual(cells[1].outputs, [stream('stdout', 'ab\n', 'e\n', 'f\n', '-b -a ~c -e -f\n')]);
    assert.deepEqual(cells[3].outputs, [stream('stdout', '~d d 7 { other: 3 } 7 5\n')]);
    assert.deepEqual(cells[4].outputs, [stream('stdout', 'true true true import.meta\n')]);
    assert.deepEqual(cells[5].outputs, [stream('stdout', 'RangeError: first -g\n')]);
    assert.match(result.error?.message ?? '', /Type 'string' is not assignable to type 'number'/);
  });

  it("finds the kit's packages and files of its own in any folder, and names their types for the next cell", async () => {
    writeFileSync(join(file, '..', 'own.ts'), 'export const own = 5;');
    const zod = JSON.stringify(join(projectRoot, 'node_modules', 'zod'));
    const { result, cells } = await run([
      code(`import { z } from 'zod';\nimport * as same from ${zod};\nimport { own } from './own';`),
      code(
        'const schema = z.strictObject({ n: z.number() });\nconst other = same.strictObject({ n: same.number() });',
      ),
      code('console.log(schema.parse({ n: own }).n + other.parse({ n: 1 }).n)'),
    ]);
    assert.equal(result.error, null);
    assert.deepEqual(cells[2].outputs, [stream('stdout', '6\n')]);
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
      assert.deepEqual([result.error?.cell], [2]);
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
      const signal = `require(${JSON.stringify(join(packageRoot, 'core', 'interruption'))}).interruptSignal()`;
      const result = await stopAtMark(
        code(
          `const signal = ${signal};\nconst stop = new Promise((_, no) => signal.onabort = () => no(new RangeError('at step 7')));\n` +
            `${say()}\nawait stop;`,
        ),
      );
      assert.match(result.error?.message ?? '', /stopped in this cell \(SIGTERM\)\. RangeError: at step 7$/);
      assert.equal(saved()[0].outputs.length, 1);
      const deaf = await stopAtMark(code(`${say()}\nawait new Promise(() => setInterval(() => {}, 1e6));`));
      assert.equal(deaf.error, null, 'nothing was computed, so that the file is as it was');
    });

    it('before anything was computed leaves the file as it was', async () => {
      write(code('await new Promise(() => {});'));
      const result = await runNotebook(file, { signal: AbortSignal.abort('SIGINT') });
      assert.deepEqual([result.stopped, result.written], [true, null]);
      assert.equal(saved()[0].outputs[0].text, 'old');
    });
  });

  it('is written after each cell', async () => {
    const { cells } = await run([
      code("console.log('first')"),
      code(
        `console.log(require('fs').readFileSync(${JSON.stringify(file)}, 'utf8').includes('"fir' + 'st'))`,
      ),
    ]);
    assert.deepEqual(cells[1].outputs, [stream('stdout', 'true\n')]);
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
