import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../lib/core/paths';
import { compileKit, mnnCommand } from '../compile-kit';
import { temporaryFolder } from '../data/temporary-folder';
import { compiler, packWheel, programs } from '../engine/install/fake-tensorflow';

describe('mnn engine', () => {
  before(compileKit);
  const folder = temporaryFolder();

  /** The command line on a machine that reaches no host and whose PATH is the folder given. */
  function mnn(args: string[], path = ''): { code: number | null; output: string } {
    const { MNN_ENGINE: _, ...inherited } = process.env;
    const env = {
      ...inherited,
      PATH: path,
      MNN_ENGINES: join(folder(), 'engines'),
      TFJS_NODE_CDN_STORAGE: 'http://127.0.0.1:9/',
    };
    const command = [...mnnCommand, ...args];
    const { status, stdout, stderr } = spawnSync(process.execPath, command, {
      cwd: projectRoot,
      env,
      encoding: 'utf8',
    });
    assert.doesNotMatch(stdout + stderr, /\n {4}at /, 'no stack trace');
    return { code: status, output: stdout + stderr };
  }

  it('install ends with 1 and one sentence, soon, where there is neither pip nor compiler', () => {
    const start = performance.now();
    const { code, output } = mnn(['engine', 'install']);
    assert.ok(performance.now() - start < 10_000);
    assert.equal(code, 1);
    assert.match(output, /\nThere is no C\+\+ compiler\. Install .*\n$/);
    assert.deepEqual(readdirSync(join(folder(), 'engines')), []);
  });

  it('install ends with 2 where the engine was made but does not work', async () => {
    const path = programs(join(folder(), 'bin'), { 'g++': compiler });
    const { code, output } = mnn(['engine', 'install', '--from', await packWheel(folder())], path);
    assert.equal(code, 2, output);
    assert.match(output, /The engine was made, but does not work: /);
  });

  it('use takes an engine that mnn engine list then marks', () => {
    assert.match(mnn(['engine', 'use', 'cpu']).output, /cpu is taken/);
    const { output } = mnn(['engine', 'list']);
    assert.match(output, /^works {2}cpu .* <- taken$/m);
    assert.doesNotMatch(output, /wasm .* <- taken/);
  });

  it('remove takes an engine away', () => {
    const engine = join(folder(), 'engines', 'native-cpu');
    mkdirSync(engine, { recursive: true });
    assert.equal(mnn(['engine', 'remove', 'native']).code, 0);
    assert.ok(!existsSync(engine));
    const again = mnn(['engine', 'remove', 'native-cpu']);
    assert.equal(again.code, 1);
    assert.match(again.output, /native-cpu is not installed/);
  });

  for (const [args, message] of [
    [['use', 'wasn'], /Unknown engine 'wasn'. Did you mean wasm/],
    [['install', 'nativ'], /Unknown engine to install 'nativ'. Did you mean native/],
    [['remove', 'native-gpx'], /Unknown installed engine 'native-gpx'. Did you mean native-gpu/],
  ] as const) {
    it(`${args[0]} knows no ${args[1]}`, () => {
      const { code, output } = mnn(['engine', ...args]);
      assert.equal(code, 1);
      assert.match(output, message);
    });
  }

  it('has a word in mnn doctor for every way to native TensorFlow', () => {
    const { code, output } = mnn(['doctor']);
    assert.equal(code, 0);
    for (const line of [
      /no {5}native-gpu not installed\n +npx mnn engine install --gpu/,
      /no {5}native-cpu not installed\n +npx mnn engine install\n/,
      /no {5}download +127\.0\.0\.1:9 is not reached .*\n +\w+/,
      /no {5}wheel +there is no pip\n +Install pip/,
      /no {5}compiler +there is no C\+\+ compiler\n +Install a C\+\+ compiler/,
    ]) {
      assert.match(output, line);
    }
  });
});
