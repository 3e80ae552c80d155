import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadMethods } from '../../lib/cli/load-methods';
import { UserError } from '../../lib/core/errors';
import { projectRoot } from '../../lib/core/paths';
import { loadRecord } from '../../lib/results';
import { temporaryFolder } from '../data/temporary-folder';

/** The command line as users start it: what a method of one's own imports from the library is compiled. */
function start(...args: string[]): { code: number | null; output: string; errors: string } {
  const script = join('lib', 'cli', 'mnn.cjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  return { code: status, output: stdout, errors: stderr };
}

/** What `loadMethods` has against a file. */
function refusal(file: string): Error {
  try {
    loadMethods([file]);
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error;
  }
  return assert.fail(`${file} was loaded`);
}

function mnn(...args: string[]): string {
  const { code, output, errors } = start(...args);
  assert.equal(code, 0, output + errors);
  return output;
}

describe("A method of one's own", function () {
  this.timeout(120_000);
  const folder = temporaryFolder();
  const load = ['--load', 'notebooks/own-method/simsiam.ts'];

  it('is listed, trained, evaluated, recorded and compared like the others', () => {
    assert.match(mnn('methods', ...load), /simsiam: SimSiam, .*\n {2}source {3}Chen and He, CVPR 2021/);
    const run = [
      'reproduce',
      'quick',
      '--methods',
      'simsiam,untrained',
      ...load,
      '--set',
      'views=strong/weak',
    ];
    const small = ['--train', '64', '--test', '20', '--epochs', '2', '--batch-size', '16', '--width', '4'];
    const rest = ['--knn-k', '5', '--linear-epochs', '1', '--workers', '0', '--engine', 'wasm'];
    const places = ['--runs', folder(), '--records', folder(), '--figures', join(folder(), 'figures')];
    const output = mnn(...run, ...small, ...rest, ...places);
    assert.match(output, /\nSimSiam +patterns10 +reduced/);
    assert.match(mnn('results', 'list', '--records', folder()), /simsiam +patterns10/);
    assert.match(mnn('results', 'list', '--records', folder(), ...load), /SimSiam +patterns10/);
    const file = readdirSync(folder()).find((name) => name.startsWith('simsiam') && name.endsWith('.json'));
    const { id, config, curves } = loadRecord(join(folder(), file ?? assert.fail('no record')));
    assert.deepEqual([config.method, config.options], ['simsiam', { views: 'strong/weak' }]);
    assert.ok(curves.every(({ loss, purity }) => Number.isFinite(loss) && purity === null));
    const out = join(folder(), 'features.svg');
    const chosen = [
      '--run',
      id,
      '--records',
      folder(),
      '--runs',
      folder(),
      '--of',
      'features',
      '--points',
      '20',
    ];
    assert.match(
      mnn('figure', 'features', ...load, ...chosen, '--engine', 'wasm', '--out', out),
      /features\.svg/,
    );
  });

  it('can be loaded twice', () => {
    assert.match(
      mnn('methods', 'simsiam', ...load, '--load', join(projectRoot, load[1])),
      /^simsiam: SimSiam/,
    );
  });

  it('may be in any folder, as TypeScript or JavaScript, and import the kit by name or path, and zod', () => {
    const ownPackage = join(folder(), 'own-package');
    mkdirSync(ownPackage);
    writeFileSync(join(ownPackage, 'package.json'), '{"type": "module"}');
    const [byPath, bySource] = ['lib', 'lib/index.ts'].map((path) => JSON.stringify(join(projectRoot, path)));
    const files = {
      'a.ts': byPath,
      'b.mts': "'mnn-kit'",
      'c.mjs': byPath,
      'd.cjs': byPath,
      'e.ts': bySource,
      'own-package/f.js': "'mnn-kit'",
    };
    const load = Object.entries(files).flatMap(([name, library]) => {
      const [own] = /.(?=\.\w+$)/.exec(name)!;
      const imported = (names: string, from: string) =>
        name.endsWith('.cjs') ? `const ${names} = require(${from});` : `import ${names} from ${from};`;
      writeFileSync(
        join(folder(), name),
        `${imported('{ z }', "'zod'")}\n${imported('{ mnn, registerMethod }', library)}\n` +
          `registerMethod({ ...mnn, name: 'own-${own}', title: 'Own ${own}', options: z.strictObject(mnn.options.shape) });\n`,
      );
      return ['--load', join(folder(), name)];
    });
    const output = mnn('methods', ...load);
    for (const own of ['a', 'b', 'c', 'd', 'e', 'f']) assert.match(output, new RegExp(`^own-${own}\\b`, 'm'));
  });

  it('whose file does not run is refused with what its author needs, and no lines of the kit', () => {
    const says = (name: string, text: string): string => {
      const file = join(folder(), name);
      writeFileSync(file, text);
      const error = refusal(file);
      assert.ok(error.message.includes(file), error.message);
      assert.doesNotMatch(error.message, /node_modules|node:|load-methods/);
      return error.message;
    };
    const refused =
      "throw Object.assign(new Error('no'), { code: 'EACCES', syscall: 'open', path: __filename });";
    assert.match(says('a.ts', refused), /^Cannot read or write .*a\.ts \(EACCES\)\. See that this user/);
    assert.match(says('b.ts', "import 'no-such-package';"), /Cannot find module 'no-such-package'\. Install/);
    assert.match(says('c.ts', 'const wrong = ;'), /does not run: .*c\.ts:1:\d+: ERROR: Unexpected ";"/s);
    assert.match(says('d.ts', '\nnull!.x;'), /does not run: TypeError: .*\n +at .*d\.ts:2/s);
    assert.match(says('e.ts', "throw 'text'"), /does not run: it throws text\./);
    assert.match(refusal(folder()).message, /is a folder: name the file/);
  });

  it('that cannot be registered is refused with the name of its file', () => {
    const file = join(folder(), 'taken.ts');
    const lib = JSON.stringify(join(projectRoot, 'lib'));
    writeFileSync(file, `import { mnn, registerMethod } from ${lib};\nregisterMethod(mnn);\n`);
    const { code, errors } = start('methods', '--load', file);
    assert.equal(code, 1);
    assert.match(errors, /taken\.ts: 'mnn' is a method of the kit's own/);
  });

  it("takes a dataset of one's own", () => {
    const load = ['--load', 'notebooks/own-dataset/stripes.ts'];
    const what = ['--dataset', 'stripes', '--method', 'untrained', '--preset', 'quick', '--engine', 'wasm'];
    const small = ['--train', '64', '--test', '20', '--width', '4', '--knn-k', '5', '--linear-epochs', '0'];
    const shown = mnn('pretrain', ...what, ...load, ...small, '--runs', folder(), '--records', folder());
    assert.match(shown, /Untrained +Stripes +reduced/);
    const { dataset } = loadRecord(
      join(folder(), readdirSync(folder()).find((name) => name.endsWith('.json'))!),
    );
    assert.deepEqual([dataset.name, dataset.classes, dataset.trainImages], ['stripes', 4, 64]);
  });

  it('says that a file registers nothing', () => {
    const file = join(folder(), 'nothing.ts');
    writeFileSync(file, 'export {};');
    assert.match(refusal(file).message, /registers no method or dataset/);
  });
});
