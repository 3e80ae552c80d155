import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cellSource } from '../../lib/notebook/format';
import { kernelName } from '../../lib/notebook/kernel-spec';
import { readNotebook } from '../../lib/notebook/run';
import { paperTables } from '../../lib/paper';

const folder = join(__dirname, '..', '..', 'notebooks');
const names = readdirSync(folder).filter((name) => name.endsWith('.ipynb'));
const notebooks = names.map((name) => ({ name, ...readNotebook(join(folder, name)) }));

describe('The notebooks', () => {
  it('are each in the list', () => {
    const list = readFileSync(join(folder, 'README.md'), 'utf8');
    for (const name of names) assert.ok(list.includes(`(${name})`), name);
  });

  it("run on the kit's kernel, begin with prose, and have parameters to set", () => {
    for (const { name, metadata, cells } of notebooks) {
      assert.equal((metadata.kernelspec as { name: string }).name, kernelName, name);
      assert.equal(cells[0].cell_type, 'markdown', name);
      const tagged = cells.filter((cell) => cell.metadata.tags?.includes('parameters'));
      assert.equal(tagged.length, 1, name);
    }
  });

  it('are kept as they ran, with their own parameters and without errors', () => {
    for (const { name, cells } of notebooks) {
      for (const cell of cells.filter(({ cell_type }) => cell_type === 'code')) {
        assert.notEqual(cell.execution_count, null, `${name}: ${cell.id} was not run`);
        for (const output of cell.outputs ?? []) assert.notEqual(output.output_type, 'error', name);
        assert.ok(!cell.metadata.tags?.includes('injected-parameters'), `${name} was run with --set`);
      }
    }
  });

  it('show every table of the paper', () => {
    const sources = notebooks.flatMap(({ cells }) => cells.map(cellSource)).join('\n');
    for (const { name } of paperTables)
      assert.ok(sources.includes(`displayPaperTable('${name}', chosen)`), `no notebook shows ${name}`);
  });
});
