import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../../lib/core/errors';
import { BuildError, compileAddon } from '../../../lib/engine/install/compile';
import { findCompiler } from '../../../lib/engine/install/programs';
import { temporaryFolder } from '../../data/temporary-folder';
import { programs } from './fake-tensorflow';

const answer = `#include <node_api.h>
NAPI_MODULE_INIT() {
  napi_value value;
  napi_create_int32(env, VALUE, &value);
  napi_set_named_property(env, exports, "answer", value);
  return exports;
}`;

describe('Compiling an addon', () => {
  const folder = temporaryFolder();

  function addon(source: string) {
    writeFileSync(join(folder(), 'answer.cc'), source);
    return {
      sources: [join(folder(), 'answer.cc')],
      includeFolders: [join(dirname(require.resolve('node-api-headers/package.json')), 'include')],
      libraryFolders: [],
      libraries: [],
      rpath: '.',
      output: join(folder(), 'answer.node'),
      flags: ['-DVALUE=42'],
    };
  }

  describe('with a real compiler', () => {
    before(function () {
      if (!findCompiler(process.env)) this.skip();
    });

    it('makes what Node loads, with nothing but its sources and headers', async () => {
      await compileAddon(addon(answer));
      const script = `console.log(require(${JSON.stringify(join(folder(), 'answer.node'))}).answer)`;
      assert.equal(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' }), '42\n');
      assert.deepEqual(readdirSync(folder()).sort(), ['answer.cc', 'answer.node']);
    });

    it('says what the compiler says, and leaves nothing', async () => {
      await assert.rejects(compileAddon(addon('#include "none.h"')), (error: Error) => {
        assert.ok(error instanceof BuildError);
        assert.match(error.message, /fails: .*answer\.cc:1.*none\.h/);
        return true;
      });
      assert.deepEqual(readdirSync(folder()), ['answer.cc']);
    });
  });

  it('takes the compiler that CXX names, with its arguments', async () => {
    const bin = programs(join(folder(), 'bin'), { mine: 'echo "error: $1 $2" >&2; exit 1' });
    const env = { PATH: bin, CXX: 'mine -first' };
    await assert.rejects(compileAddon(addon(answer), { env }), /bin\/mine fails: error: -first -/);
    await assert.rejects(
      compileAddon(addon(answer), { env: { PATH: bin, CXX: 'other' } }),
      /no C\+\+ compiler/,
    );
  });

  it('says how to get a compiler where there is none', async () => {
    await assert.rejects(compileAddon(addon(answer), { env: { PATH: '' } }), (error: Error) => {
      assert.ok(error instanceof UserError && !(error instanceof BuildError));
      assert.match(
        error.message,
        /no C\+\+ compiler.*apt install g\+\+.*dnf install gcc-c\+\+.*xcode-select/,
      );
      return true;
    });
  });

  it('does not wait for a compiler that hangs', async () => {
    const env = { PATH: programs(join(folder(), 'bin'), { 'g++': '/bin/sleep 60' }) };
    await assert.rejects(compileAddon(addon(answer), { env, timeoutMs: 100 }), /was stopped.*0\.1 seconds/);
  }).timeout(5_000);
});
