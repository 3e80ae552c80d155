import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { relative } from 'node:path';
import { projectRoot } from '../../lib/core/paths';

describe('Reading records', () => {
  it('loads neither TensorFlow.js nor any room of the library but core, config and results', () => {
    const script = `
      const { loadRecords } = require('./lib/results');
      if (loadRecords().length === 0) throw new Error('no records');
      console.log(JSON.stringify(Object.keys(require.cache)));
    `;
    const loaded = JSON.parse(
      execFileSync(process.execPath, ['-r', 'tsx/cjs', '-e', script], { cwd: projectRoot, encoding: 'utf8' }),
    ) as string[];
    assert.deepEqual(
      loaded.filter((file) => file.includes('@tensorflow')),
      [],
    );
    const rooms = loaded
      .map((file) => relative(projectRoot, file).split('/'))
      .filter(([top]) => top === 'lib')
      .map(([, room]) => room);
    assert.deepEqual([...new Set(rooms)].sort(), ['config', 'core', 'results']);
  });
});
