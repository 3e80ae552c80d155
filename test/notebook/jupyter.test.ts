import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../lib/core/paths';
import { runNotebook } from '../../lib/notebook';
import { codeOutputs, hasJupyter, outputsWithJupyter, withKernel } from './with-jupyter';

const sources = [
  `import { displayTable } from '${packageRoot}';\nimport * as tslab from 'tslab';`,
  "console.log('a');\nconsole.log('b');\nconsole.error('c');\nprocess.stdout.write('1%\\r2%\\n');",
  "displayTable({ columns: [{ key: 'a', label: 'A', align: 'left' }], rows: [{ a: '<1>' }], notes: [] });",
  "const d = tslab.newDisplay();\nd.text('1');",
  "d.text('2');\nawait Promise.resolve(3)",
  "const n: number = 'a';",
];

describe('Jupyter', () => {
  let folder: string;
  before(function () {
    if (!hasJupyter()) {
      console.log('    skipped: jupyter, with nbclient, is not on the PATH');
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), 'notebook-'));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  it('gives the outputs that the runner without Python gives, errors included', async () => {
    const file = join(folder, 'a.ipynb');
    const cells = sources.map((source, i) => ({
      cell_type: 'code',
      id: `c${i}`,
      metadata: {},
      source,
      outputs: [],
      execution_count: null,
    }));
    writeFileSync(file, JSON.stringify({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    const theirs = outputsWithJupyter(file);
    await runNotebook(file);
    const ours = codeOutputs(JSON.parse(readFileSync(file, 'utf8')));
    assert.equal(ours.flat().length, 7);
    assert.deepEqual(theirs, ours);
  });

  it('completes names of the library, shows type errors, and stops a training cell but not the kernel', () => {
    const script = join(__dirname, 'interrupt.py');
    const { completions, typeError, stopped, seconds, alive } = JSON.parse(
      withKernel('python3', [script, packageRoot, folder]),
    );
    assert.ok(completions.includes('runExperiment') && completions.includes('displayChart'));
    assert.match(typeError, /'methods' does not exist in type 'PresetOptions'/);
    assert.equal(stopped, 'Interrupted');
    assert.ok(seconds < 5, `${seconds} s`);
    assert.equal(alive, 'alive\n');
  });
});
