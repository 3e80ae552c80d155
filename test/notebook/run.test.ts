import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseParameter, type RunNotebookOptions, runNotebook } from '../../lib/notebook';

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
    assert.deepEqual(result, { file, ok: true, cellsRun: 3, error: null });
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

  it('names the parameters that there are', async () => {
    write(code('const n = 2;', 'parameters'));
    await assert.rejects(runNotebook(file, { set: { m: 1 } }), /no parameter m\. Its parameters: n\./);
    write(code('1'));
    await assert.rejects(runNotebook(file, { set: { m: 1 } }), /Tag a cell 'parameters'/);
  });

  it('takes parameters as JSON where they are, and as text elsewhere', () => {
    const parsed = ['a=3', 'b=true', 'c=["mnn", 2]', 'd=small', 'e=a=b', 'f=', 'g="3"', 'h={"x":1}'].map(
      parseParameter,
    );
    assert.deepEqual(Object.fromEntries(parsed), {
      a: 3,
      b: true,
      c: ['mnn', 2],
      d: 'small',
      e: 'a=b',
      f: '',
      g: '3',
      h: '{"x":1}',
    });
    assert.throws(() => parseParameter('epochs 2'), /'epochs 2' is not of the form name=value/);
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
