import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Interrupted, UserError } from '../../../lib/core/errors';
import { BuildError } from '../../../lib/engine/install/compile';
import { engineLayout } from '../../../lib/engine/install/folders';
import { linkerNames } from '../../../lib/engine/install/library';
import { installNative, type NativeOptions } from '../../../lib/engine/install/native';
import { NotRightError } from '../../../lib/engine/install/verify';
import { temporaryFolder } from '../../data/temporary-folder';
import { compiler, options, packWheel, pip, right } from './fake-tensorflow';

describe('Installing native TensorFlow', () => {
  const folder = temporaryFolder();
  const engine = () => engineLayout(join(folder(), 'engines', 'native-cpu'));
  const library = () => join(engine().libraries, linkerNames()[0][0]);
  const left = () => readdirSync(join(folder(), 'engines'));

  async function installed(more: NativeOptions = {}): ReturnType<typeof installNative> {
    return installNative(
      options(folder(), { 'g++': compiler }, { from: await packWheel(folder()), ...more }),
    );
  }

  /** The install fails, in time, with what the pattern says, and the engine that was there is as it was. */
  async function fails(
    more: NativeOptions,
    pattern: RegExp,
    kind: new (message: string) => Error = UserError,
  ): Promise<void> {
    const before = statSync(library(), { throwIfNoEntry: false })?.ino;
    await assert.rejects(installNative(more), (error: Error) => {
      assert.ok(error instanceof kind, error.stack);
      assert.match(error.message, pattern);
      return true;
    });
    assert.equal(statSync(library(), { throwIfNoEntry: false })?.ino, before);
    const engines = join(folder(), 'engines');
    assert.deepEqual(existsSync(engines) ? left() : [], before ? ['native-cpu'] : []);
  }

  it('makes an engine from a wheel and says what it was made of', async () => {
    const { state, manifest, message } = await installed();
    assert.equal(state, 'installed');
    assert.match(message, /native-cpu, TensorFlow 2\.21\.0 on CPU/);
    assert.match(manifest.source, /^tensorflow_cpu-2\.21\.0/);
    assert.deepEqual(JSON.parse(readFileSync(engine().manifest, 'utf8')), manifest);
    assert.deepEqual(left(), ['native-cpu']);
    assert.ok(existsSync(join(engine().package, 'dist', 'index.js')));
    assert.ok(existsSync(engine().kernels));
  });

  it('does nothing where the same is there already', async () => {
    await installed();
    const before = statSync(library()).ino;
    assert.equal((await installed()).state, 'already');
    assert.equal((await installed({ from: undefined })).state, 'already');
    assert.equal(statSync(library()).ino, before);
  });

  it('makes it again when asked to, from another wheel, and where a part is missing', async () => {
    await installed();
    assert.equal((await installed({ force: true })).state, 'installed');
    const other = await packWheel(folder(), { version: '2.20.0', files: { 'tensorflow/x.txt': '' } });
    assert.equal((await installed({ from: other })).state, 'already', 'the library in it is the same');
    writeFileSync(library(), 'short');
    assert.equal((await installed()).state, 'installed');
  });

  it('makes it anew around the same library where what surrounds it has changed', async () => {
    const { manifest } = await installed();
    const before = statSync(library()).ino;
    const ingredients = { ...manifest.ingredients, package: '@tensorflow/tfjs-node-gpu 4.21.0' };
    writeFileSync(engine().manifest, JSON.stringify({ ...manifest, ingredients }));
    const again = await installed({ from: undefined });
    assert.deepEqual([again.state, again.manifest.source], ['installed', manifest.source]);
    assert.equal(statSync(library()).ino, before);
  });

  it('takes the wheel that pip downloads', async () => {
    const wheel = await packWheel(folder());
    const steps: string[] = [];
    const scripts = { 'g++': compiler, pip3: pip(`/bin/cp ${wheel} "$dest"`) };
    const say = (step: string) => steps.push(step);
    const { manifest } = await installNative(options(folder(), scripts, { say }));
    assert.match(manifest.source, /^tensorflow_cpu/);
    assert.match(
      steps.join('\n'),
      /own download[\s\S]*127\.0\.0\.1:9 is not reached[\s\S]*with pip[\s\S]*Compiling/,
    );
    assert.deepEqual(left(), ['native-cpu']);
  });

  it("says what the host of tfjs-node's download answers, and goes on", async () => {
    const server = createServer((_, response) => response.writeHead(403).end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const steps: string[] = [];
    const more = options(folder(), { 'g++': compiler }, { say: (step) => steps.push(step) });
    more.env!.TFJS_NODE_CDN_STORAGE = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await fails(more, /There is no pip/);
    assert.match(steps.join('\n'), /answers 403 Forbidden/);
    server.close();
  });

  it('says how to get pip, a compiler, or the wheel where they are not there', async () => {
    await installed();
    const force = { force: true };
    await fails(options(folder(), { 'g++': compiler }, force), /There is no pip\. Install pip \(.*--from/);
    const from = await packWheel(folder());
    const bare = {
      ...options(folder(), {}, force),
      env: { PATH: '', TFJS_NODE_CDN_STORAGE: 'http://127.0.0.1:9/' },
    };
    await fails(bare, /There is no C\+\+ compiler\. Install .*g\+\+/);
    await fails({ ...bare, from }, /There is no C\+\+ compiler/);
    const none = { 'g++': compiler, pip3: pip('echo "ERROR: No matching distribution found"; exit 1') };
    await fails(
      options(folder(), none, force),
      /pip does not get tensorflow.*No matching distribution.*--from/,
    );
    await fails(options(folder(), {}, { from: join(folder(), 'none.whl') }), /none\.whl does not exist/);
  });

  it('does not wait for a pip that hangs', async () => {
    const scripts = { 'g++': compiler, pip3: pip('/bin/sleep 60') };
    const more = options(folder(), scripts, { timeoutMs: 300 });
    await fails(more, /pip was stopped: it gave no sign of life for 0\.3 seconds/);
  }).timeout(5_000);

  it('leaves the old engine where the new one does not compile or does not work', async () => {
    await installed();
    const from = await packWheel(folder());
    const broken = { 'g++': 'echo "x.cc:1: error: no such header" >&2; exit 1' };
    await fails(
      options(folder(), broken, { from, force: true }),
      /compiler .* fails: x\.cc:1: error/,
      BuildError,
    );
    const verify = undefined;
    const real = options(folder(), { 'g++': compiler }, { from, force: true, verify });
    await fails(real, /The engine was made, but does not work: .*tfjs_binding/, BuildError);
  });

  it('is refused, and leaves the old engine, when TensorFlow is not right on this processor', async () => {
    await installed();
    const from = await packWheel(folder());
    const lie = { computations: 3, wrong: 'a product is 3 where 2 is right' };
    const verify: NativeOptions['verify'] = async () => ({ ...right, tensorflow: lie, operations: null });
    const more = options(folder(), { 'g++': compiler }, { from, force: true, verify });
    await fails(more, /not right on this processor: a product is 3 where 2 is right/, NotRightError);
    // The one in its place is looked at too, however it came there.
    await fails({ ...more, force: false }, /not right on this processor/, NotRightError);
  });

  it("goes without the kit's own operations, and says so, where they do not compile or do not start", async () => {
    const steps: string[] = [];
    const say = (step: string) => steps.push(step);
    const choosy = `for word in "$@"; do case $word in *mnn_kernels*) echo "error: no" >&2; exit 1;; esac; done\n${compiler}`;
    const from = await packWheel(folder());
    const { manifest, state } = await installNative(options(folder(), { 'g++': choosy }, { from, say }));
    assert.deepEqual([state, manifest.kernels], ['installed', false]);
    assert.match(steps.join('\n'), /goes without the kit's own operations.*error: no/);

    const crashing = { computations: 3, wrong: 'it crashes (SIGSEGV) in a step of SGD' };
    const verify: NativeOptions['verify'] = async () => ({ ...right, operations: crashing });
    await installed({ say, verify });
    assert.ok(!existsSync(engine().kernels));
    assert.match(
      steps.at(-1)!,
      /goes without the kit's own operations.*it crashes .SIGSEGV. in a step of SGD/,
    );

    assert.ok((await installed()).manifest.kernels, 'the next install tries them again');
  });

  it('leaves the old engine where it is stopped in the middle', async () => {
    await installed();
    const from = await packWheel(folder());
    const controller = new AbortController();
    const { signal } = controller;
    const stopAt = (step: RegExp, scripts: Record<string, string>) =>
      options(folder(), scripts, {
        from: /pip/.test(step.source) ? undefined : from,
        force: true,
        signal,
        say: (said) => step.test(said) && setTimeout(() => controller.abort(), 50),
      });
    await fails(stopAt(/Compiling/, { 'g++': '/bin/sleep 60' }), /stopped.*untouched/, Interrupted);
    await fails(stopAt(/Taking/, { 'g++': compiler }), /stopped.*untouched/, Interrupted);
  }).timeout(30_000);

  it('kills pip, and what pip started, where it is stopped', async () => {
    const controller = new AbortController();
    const pid = join(folder(), 'pid');
    const scripts = { 'g++': compiler, pip3: pip(`/bin/sleep 60 & echo $! > ${pid}; wait`) };
    const watch = setInterval(() => existsSync(pid) && controller.abort(), 20);
    await fails(
      options(folder(), scripts, { signal: controller.signal }),
      /stopped.*Nothing was left/,
      Interrupted,
    );
    clearInterval(watch);
    const sleeper = Number(readFileSync(pid, 'utf8'));
    const status = `/proc/${sleeper}/status`;
    assert.ok(!existsSync(status) || /State:\s+Z/.test(readFileSync(status, 'utf8')), 'it sleeps on');
  }).timeout(5_000);

  it('clears away what a killed install left, and brings back an engine that it had moved aside', async () => {
    await installed();
    const engines = join(folder(), 'engines');
    const gone = 2 ** 22 + 1;
    mkdirSync(join(engines, `.staging-${gone}`));
    mkdirSync(join(engines, `.old-native-gpu-${gone}`));
    mkdirSync(join(engines, `.old-native-cpu-${gone}`));
    await installed({ force: true });
    assert.deepEqual(left().sort(), ['native-cpu', 'native-gpu']);
  });

  it('says where it cannot write', async () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    await fails({ ...options(folder(), {}), engines: join(file, 'engines') }, /Cannot install in .*file/);
  });
});
