import assert from 'node:assert/strict';
import { displayProgress } from '../../lib/notebook';
import { printed, shownInNotebook } from './in-notebook';

const count = (label: string, total: number) => {
  const bar = displayProgress(label, total);
  for (let done = 1; done <= total; done++) bar.update(done);
  bar.end();
};

describe('A progress bar', () => {
  it('replaces itself below the cell, not at every step, and ends full', async () => {
    const shown = await shownInNotebook(() => count('a & b', 10_000));
    assert.ok(shown.length < 100, `${shown.length} outputs`);
    assert.deepEqual(
      shown.map(({ update }) => update),
      shown.map((_, i) => i > 0),
    );
    assert.equal(new Set(shown.map(({ transient }) => transient.display_id)).size, 1);
    assert.deepEqual(shown.at(-1)?.data, {
      'text/html': '<progress value="10000" max="10000"></progress> a &#38; b: 10000 of 10000',
      'text/plain': 'a & b: 10000 of 10000',
    });
  });

  it('is one line in a log', async function () {
    if (process.stderr.isTTY) this.skip();
    assert.equal(await printed(() => count('work', 3)), 'work: 3 of 3');
  });
});
