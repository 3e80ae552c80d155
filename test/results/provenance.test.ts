import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectProvenance, gitState, runRecordSchema } from '../../lib/results';

const facts = {
  engine: { name: 'wasm', version: '4.22.0', threads: 2 },
  startedAt: new Date('2026-01-01T00:00:00Z'),
  finishedAt: new Date('2026-01-01T01:00:00Z'),
  resumed: 1,
};

describe('provenance', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'provenance-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
  const commitFile = () => {
    git('init', '-q');
    writeFileSync(join(folder, 'a.txt'), 'one');
    git('add', 'a.txt');
    git('-c', 'user.name=A', '-c', 'user.email=a@example.org', 'commit', '-q', '-m', 'one');
  };

  it('fits the record of a run', () => {
    const provenance = collectProvenance(facts);
    assert.deepEqual(runRecordSchema.shape.provenance.parse(provenance), provenance);
    assert.equal(provenance.startedAt, '2026-01-01T00:00:00.000Z');
    assert.equal(provenance.engine.name, 'wasm');
  });

  it('needs neither git, package.json nor a lock file', () => {
    const { commit, dirty, packageLockSha256, kitVersion } = collectProvenance(facts, folder);
    assert.deepEqual(
      { commit, dirty, packageLockSha256, kitVersion },
      {
        commit: null,
        dirty: null,
        packageLockSha256: null,
        kitVersion: 'unknown',
      },
    );
  });

  it('hashes the lock file', () => {
    writeFileSync(join(folder, 'package-lock.json'), '{}');
    const expected = createHash('sha256').update('{}').digest('hex');
    assert.equal(collectProvenance(facts, folder).packageLockSha256, expected);
  });

  it('names the commit and whether tracked files differ from it', () => {
    commitFile();
    writeFileSync(join(folder, 'untracked.txt'), '');
    assert.deepEqual(gitState(folder), { commit: git('rev-parse', 'HEAD').trim(), dirty: false });
    writeFileSync(join(folder, 'a.txt'), 'two');
    assert.equal(gitState(folder).dirty, true);
  });

  it('knows the commit of a checkout that belongs to another user', () => {
    commitFile();
    const commit = git('rev-parse', 'HEAD').trim();
    process.env.GIT_TEST_ASSUME_DIFFERENT_OWNER = '1';
    try {
      assert.throws(() => git('rev-parse', 'HEAD'), /dubious ownership/);
      assert.deepEqual(gitState(folder), { commit, dirty: false });
    } finally {
      delete process.env.GIT_TEST_ASSUME_DIFFERENT_OWNER;
    }
  });

  it('says why the commit, or whether files differ from it, cannot be read', () => {
    assert.equal(gitState(folder).commitProblem, 'the kit is not in a git checkout');
    commitFile();
    const { PATH } = process.env;
    process.env.PATH = folder;
    try {
      assert.deepEqual(gitState(folder), {
        commit: null,
        dirty: null,
        commitProblem: 'git is not installed',
      });
    } finally {
      process.env.PATH = PATH;
    }
    writeFileSync(join(folder, '.git', 'index'), 'damaged');
    const { commit, dirty, commitProblem } = gitState(folder);
    assert.deepEqual([commit, dirty], [git('rev-parse', 'HEAD').trim(), null]);
    assert.match(commitProblem!, /^git says: .*index/);
    const provenance = { ...collectProvenance(facts), commit, dirty, commitProblem };
    assert.deepEqual(runRecordSchema.shape.provenance.parse(provenance), provenance);
  });

  it('has no commit before the first one', () => {
    git('init', '-q');
    const { commitProblem, ...state } = gitState(folder);
    assert.deepEqual(state, { commit: null, dirty: null });
    assert.match(commitProblem!, /^git says: fatal: Needed a single revision$/);
  });
});
