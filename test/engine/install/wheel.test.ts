import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../../lib/core/errors';
import { engineLayout } from '../../../lib/engine/install/folders';
import { wheelLibraries } from '../../../lib/engine/install/library';
import { openWheel } from '../../../lib/engine/install/wheel';
import { temporaryFolder } from '../../data/temporary-folder';
import { packWheel, type WheelChanges } from './fake-tensorflow';

const library = `tensorflow/${wheelLibraries()[0]}`;

describe("TensorFlow's wheel", () => {
  const folder = temporaryFolder();

  async function take(file: string): Promise<string> {
    const layout = engineLayout(join(folder(), 'engine'));
    const source = await openWheel(file);
    await source.take(layout, {});
    return join(layout.package, 'deps');
  }

  it('gives its libraries and the headers of the C API, and nothing else', async () => {
    const deps = await take(await packWheel(folder()));
    const found = readdirSync(deps, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.\w+$/.test(name),
    );
    assert.equal(found.length, 7, found.join());
    assert.equal(
      readFileSync(join(deps, 'include/tensorflow/c/eager/c_api.h'), 'utf8'),
      '// the eager C API',
    );
    const linked = readdirSync(join(deps, 'lib')).find((name) => /^libtensorflow\.(so|dylib)$/.test(name))!;
    assert.match(readFileSync(join(deps, 'lib', linked), 'utf8'), /^the library/);
  });

  it('tells how far it is', async () => {
    const source = await openWheel(await packWheel(folder()));
    const seen: number[] = [];
    await source.take(engineLayout(join(folder(), 'engine')), {
      onProgress: (done, total) => seen.push(done / total),
    });
    assert.equal(seen.at(-1), 1);
  });

  const refused: [string, WheelChanges, RegExp][] = [
    [
      'a file that is not what RECORD says',
      { sums: { [library]: 'AAAA' } },
      /libtensorflow_cc\S* in .* has sha256/,
    ],
    ['one without the library', { files: { [library]: null } }, /holds no tensorflow\/libtensorflow_cc/],
    [
      'one without headers',
      { files: { 'tensorflow/include/tensorflow/c/c_api.h': null } },
      /holds no tensorflow\/include\/tensorflow\/c\/c_api\.h/,
    ],
    ['the wheel of something else', { name: 'torch' }, /not TensorFlow's wheel but that of torch/],
    ['an old version', { version: '2.9.1' }, /holds TensorFlow 2\.9; 2\.16 or a later/],
    ['one for other machines', { tag: 'win_amd64' }, /made for win_amd64; this machine is/],
  ];
  for (const [what, changes, message] of refused) {
    it(`is refused: ${what}`, async () => {
      const file = await packWheel(folder(), changes);
      await assert.rejects(take(file), (error: Error) => {
        assert.ok(error instanceof UserError, error.stack);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it('is refused where it ends too early', async () => {
    const file = await packWheel(folder());
    const bytes = readFileSync(file);
    for (const part of [0.3, 0.9, 0.999]) {
      writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length * part)));
      await assert.rejects(openWheel(file), /is not a whole, honest wheel .*Fetch it again/);
    }
  });

  it('is refused where its bytes are damaged', async () => {
    const file = await packWheel(folder());
    const bytes = readFileSync(file);
    bytes.fill(0x55, 100, 160);
    writeFileSync(file, bytes);
    await assert.rejects(take(file), UserError);
  });

  it('is refused where a path leaves the folder', async () => {
    const file = await packWheel(folder(), { files: { 'xx/tensorflow/evil.h': '' } });
    const bytes = readFileSync(file, 'latin1').replaceAll('xx/tensorflow/evil.h', '../tensorflow/evil.h');
    writeFileSync(file, bytes, 'latin1');
    await assert.rejects(openWheel(file), /not a whole, honest wheel .*\.\.\/tensorflow\/evil\.h/);
  });

  it('is refused where it is no zip file, or not there', async () => {
    const file = join(folder(), 'wheel.whl');
    await assert.rejects(openWheel(file), /does not exist/);
    writeFileSync(file, 'no zip');
    await assert.rejects(openWheel(file), /not a whole, honest wheel/);
  });

  it('for a GPU has to be one with GPU support', async () => {
    const file = await packWheel(folder());
    await assert.rejects(openWheel(file, { gpu: true }), /built without GPU support.*tensorflow itself/);
    await openWheel(await packWheel(folder(), { name: 'tensorflow' }), { gpu: true });
  });
});
