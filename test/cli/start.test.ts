import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { packageRoot, projectRoot, withHome } from '../../lib/core/paths';
import { compileKit, mnnCommand } from '../compile-kit';
import { temporaryFolder } from '../data/temporary-folder';

/** The superuser may write everywhere; another user is nobody to them. */
const other = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

describe('The command line of a kit in a folder that cannot be written', () => {
  const folder = temporaryFolder();
  const source = () => join(folder(), 'lib', 'cli', 'main.ts');
  const start = (user: object) => {
    const script = join(folder(), 'lib', 'cli', 'mnn.cjs');
    const env = { ...process.env, HOME: '/nonexistent' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [script], {
      encoding: 'utf8',
      env,
      ...user,
    });
    return { status, stdout, stderr };
  };
  const folders = () => [folder(), join(folder(), 'lib'), join(folder(), 'lib', 'dist')].filter(existsSync);
  const writable = (is: boolean) => {
    for (const path of folders()) chmodSync(path, is ? 0o755 : 0o555);
  };
  beforeEach(function () {
    const sees = spawnSync(
      process.execPath,
      ['-e', `require(${JSON.stringify(require.resolve('tsx/cjs'))})`],
      other,
    );
    if (sees.status !== 0) return this.skip();
    mkdirSync(join(folder(), 'lib', 'cli'), { recursive: true });
    symlinkSync(join(projectRoot, 'node_modules'), join(folder(), 'node_modules'));
    copyFileSync(join(packageRoot, 'cli', 'mnn.cjs'), join(folder(), 'lib', 'cli', 'mnn.cjs'));
    const options = {
      outDir: 'dist',
      rootDir: '.',
      composite: true,
      module: 'node16',
      types: [],
      skipLibCheck: true,
    };
    const settings = { compilerOptions: options, include: ['**/*.ts'], exclude: ['dist'] };
    writeFileSync(join(folder(), 'lib', 'tsconfig.json'), JSON.stringify(settings));
    writeFileSync(source(), 'declare const console: any, __filename: string;\nconsole.log(__filename);\n');
  });
  afterEach(() => writable(true));

  it('starts from its sources, and says so, where nobody has compiled it', () => {
    writable(false);
    const { status, stdout, stderr } = start(other);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /main\.ts\n$/);
    assert.match(stderr, /^The kit in .* is not compiled, and you cannot write there/);
  });

  it('starts as compiled where the sources are the same and only their times are newer', () => {
    assert.match(start({}).stderr, /^Compiling the kit/);
    const later = Date.now() / 1000 + 100;
    utimesSync(source(), later, later);
    writable(false);
    const { stdout, stderr } = start(other);
    assert.equal(stderr, '');
    assert.match(stdout, /main\.js\n$/);
    writable(true);
    writeFileSync(source(), "declare const console: any;\nconsole.log('new');\n");
    utimesSync(source(), later, later);
    writable(false);
    assert.equal(start(other).stdout, 'new\n');
  });
});

describe('A tilde', () => {
  it("is the user's home where no shell has read it, and nothing else inside a name", () => {
    const home = homedir();
    assert.deepEqual(['~', '~/x', '--out=~/x', 'records=~/x', '--set=records=~/x'].map(withHome), [
      home,
      `${home}/x`,
      `--out=${home}/x`,
      `records=${home}/x`,
      `--set=records=${home}/x`,
    ]);
    for (const text of ['~x', 'a~/x', './~/x', '--out', 'a=b~/x', '/~']) assert.equal(withHome(text), text);
  });

  before(compileKit);
  it('is so for an option and in the variables that name folders', () => {
    const run = (...args: string[]) => {
      const env = { ...process.env, HOME: '/tmp/home', MNN_DATA: '~/datasets', MNN_ENGINES: '~/engines' };
      return spawnSync(process.execPath, args, { cwd: projectRoot, encoding: 'utf8', env });
    };
    assert.match(run(...mnnCommand, 'methods', '--load=~/own.ts').stderr, /no file \/tmp\/home\/own\.ts/);
    const script = `
      const { dataFolder } = require('./lib/dist/data');
      const { enginesFolder } = require('./lib/dist/engine/install/folders');
      console.log(dataFolder(), enginesFolder());`;
    assert.equal(run('-e', script).stdout, '/tmp/home/datasets /tmp/home/engines\n');
  });
});
