import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { SingleBar } from 'cli-progress';
import { terminalBar } from '../../lib/core/terminal-bar';

describe('A bar in a terminal', () => {
  it('changes no setting of the terminal that a kill would leave changed, and fits in its width', () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 20 });
    const bar = new SingleBar({ ...terminalBar, stream, format: 'a long title {bar}', barsize: 30 });
    bar.start(10, 5);
    const drawn: string = stream.read().toString();
    bar.stop();
    assert.match(drawn, /a long title/);
    // Private modes: the cursor is ?25, line wrapping ?7.
    assert.ok(!drawn.includes('\x1B[?'), JSON.stringify(drawn));
    const text = drawn.slice(drawn.indexOf('a long'));
    assert.ok(text.split('\x1B')[0].length <= 20, text);
  });
});
