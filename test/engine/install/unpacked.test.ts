import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { engineLayout } from '../../../lib/engine/install/folders';
import { linkerNames, wheelLibraries } from '../../../lib/engine/install/library';
import { openUnpacked } from '../../../lib/engine/install/unpacked';
import { temporaryFolder } from '../../data/temporary-folder';
import { wheelFiles, writeFiles } from './fake-tensorflow';

const [library, framework] = wheelLibraries();

describe('TensorFlow in a folder', () => {
  const folder = temporaryFolder();
  const layout = () => engineLayout(join(folder(), 'engine'));

  for (const [what, inside] of [
    ['of Python packages', ''],
    ['of the package itself', 'tensorflow'],
  ]) {
    it(`${what} is linked to, not copied`, async () => {
      const packages = writeFiles(join(folder(), 'packages'), wheelFiles());
      const source = await openUnpacked(join(packages, inside));
      assert.equal(source.bytes, 0);
      assert.match(await source.take(layout(), {}), /^[0-9a-f]{64}$/);
      const inodes = [
        join(packages, 'tensorflow', library),
        join(layout().libraries, linkerNames()[0][0]),
      ].map((path) => statSync(path).ino);
      assert.equal(inodes[0], inodes[1]);
      assert.match(readFileSync(join(layout().headers, 'tensorflow/c/c_api.h'), 'utf8'), /the C API/);
    });
  }

  it("as TensorFlow's C archive has it", async () => {
    const [[name], [frameworkName]] = linkerNames();
    const archive = writeFiles(join(folder(), 'archive'), {
      [`lib/${name}`]: 'the library',
      [`lib/${frameworkName}`]: 'the framework',
      'include/tensorflow/c/c_api.h': '// the C API',
    });
    await (await openUnpacked(archive)).take(layout(), {});
    assert.equal(readFileSync(join(layout().libraries, name), 'utf8'), 'the library');
  });

  it('is refused where its RECORD says otherwise', async () => {
    const sums = { [`tensorflow/${framework}`]: 'AAAA' };
    const packages = writeFiles(join(folder(), 'packages'), wheelFiles({ sums }));
    const source = await openUnpacked(packages);
    await assert.rejects(source.take(layout(), {}), /libtensorflow_framework\S* has sha256 .*RECORD says/);
  });

  it('is refused where it is not there, or without headers', async () => {
    mkdirSync(join(folder(), 'empty'));
    await assert.rejects(
      openUnpacked(join(folder(), 'empty')),
      /neither tensorflow\/libtensorflow_cc.* nor lib/,
    );
    const files = wheelFiles({ files: { 'tensorflow/include/tensorflow/c/c_api.h': null } });
    const packages = writeFiles(join(folder(), 'packages'), files);
    await assert.rejects(openUnpacked(packages), /not include\/tensorflow\/c\/c_api\.h/);
  });
});
