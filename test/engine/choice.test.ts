import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chooseEngine } from '../../lib/engine';
import { defaultEngine, startEngine } from '../../lib/engine/engine';
import { temporaryFolder } from '../data/temporary-folder';

describe("The project's choice of an engine", () => {
  const folder = temporaryFolder();
  const { MNN_ENGINE, MNN_ENGINES } = process.env;
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  beforeEach(() => {
    set('MNN_ENGINE', undefined);
    set('MNN_ENGINES', folder());
  });
  afterEach(() => {
    set('MNN_ENGINE', MNN_ENGINE);
    set('MNN_ENGINES', MNN_ENGINES);
  });

  it('comes after the one that is asked for and after MNN_ENGINE, and before the fastest', async () => {
    assert.equal(defaultEngine(), 'auto');
    chooseEngine('wasm');
    assert.equal((await startEngine()).name, 'wasm');
    set('MNN_ENGINE', 'cpu');
    assert.equal((await startEngine()).name, 'cpu');
    assert.equal((await startEngine({ engine: 'wasm' })).name, 'wasm');
  });

  it('is taken back by auto', () => {
    chooseEngine('cpu');
    chooseEngine('auto');
    assert.equal(defaultEngine(), 'auto');
    assert.deepEqual(readdirSync(folder()), []);
  });

  it('has to be an engine', () => {
    assert.throws(() => chooseEngine('wasn'), /Unknown engine 'wasn'. Did you mean wasm\?/);
  });

  it('is chosen again where its file is damaged', async () => {
    writeFileSync(join(folder(), 'choice.json'), '{"engine":');
    await assert.rejects(startEngine(), /choice\.json is damaged\. Choose again: npx mnn engine use auto/);
    chooseEngine('cpu');
    assert.equal(defaultEngine(), 'cpu');
  });
});
