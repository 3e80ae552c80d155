import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeViews, type ViewBatch, type ViewBatchRequest } from '../../lib/augment/make-views';
import { type RecipeName, strong, testView, weak } from '../../lib/augment/recipes';
import { defaultWorkers, ViewLoader, type ViewLoaderOptions } from '../../lib/augment/view-loader';
import { UserError } from '../../lib/core/errors';
import type { Images, StoredImages } from '../../lib/data/dataset';
import { openImages } from '../../lib/data/open-images';
import { temporaryFolder } from '../data/temporary-folder';
import { columnPlanes, noiseImages } from './images';

const normalization = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] } as const;
const images = noiseImages(10, 16);

function request(indices: number[], epoch = 0): ViewBatchRequest {
  return { indices: Int32Array.from(indices), seed: 1339, epoch, purpose: 'augment' };
}

function* countedRequests(
  count: number,
  taken: { count: number; closed?: boolean },
): Generator<ViewBatchRequest> {
  try {
    for (; taken.count < count; taken.count++) yield request([taken.count % 10, 3]);
  } finally {
    taken.closed = true;
  }
}

describe('makeViews', () => {
  const augmentations = [strong(8), weak(8)];

  it('gives each image the same views in whatever batch it comes', () => {
    const all = makeViews(images, augmentations, normalization, request([0, 1, 2, 3]));
    const some = makeViews(images, augmentations, normalization, request([3, 1]));
    const length = 8 * 8 * 3;
    for (const view of [0, 1]) {
      assert.deepEqual(
        some.views[view].subarray(0, length),
        all.views[view].subarray(3 * length, 4 * length),
      );
      assert.deepEqual(some.views[view].subarray(length), all.views[view].subarray(length, 2 * length));
    }
  });

  it('gives other views for another epoch, seed, purpose or place in the list', () => {
    const base = request([0, 1]);
    const views = (changes: Partial<ViewBatchRequest>) =>
      makeViews(images, [weak(8), weak(8)], normalization, { ...base, ...changes }).views;
    const [first, second] = views({});
    assert.deepEqual(views({})[0], first);
    assert.notDeepEqual(second, first);
    assert.notDeepEqual(views({ epoch: 1 })[0], first);
    assert.notDeepEqual(views({ seed: 1340 })[0], first);
    assert.notDeepEqual(views({ purpose: 'linear-augment' })[0], first);
  });

  it("has one array [B, S, S, 3] per augmentation; test views have the images' own size", () => {
    const { views } = makeViews(images, [strong(8), testView()], normalization, request([4, 5, 6]));
    assert.deepEqual(
      views.map((view) => view.length),
      [3 * 8 * 8 * 3, 3 * 16 * 16 * 3],
    );
  });

  it('looks at each image once for all its views', () => {
    const seen: number[] = [];
    const opened = openImages([images]);
    const whole = (index: number) => {
      seen.push(index);
      return opened.whole(index);
    };
    const { views } = makeViews({ ...opened, whole }, augmentations, normalization, request([4, 2, 4]));
    assert.deepEqual(seen, [4, 2, 4]);
    assert.deepEqual(views, makeViews(images, augmentations, normalization, request([4, 2, 4])).views);
  });

  it('refuses images that are not there', () => {
    assert.throws(() => makeViews(images, augmentations, normalization, request([0, 10])), /no image 10/);
    assert.throws(() => makeViews(images, augmentations, normalization, request([-1])), UserError);
  });
});

describe('ViewLoader', () => {
  const loaders: ViewLoader[] = [];
  afterEach(() => Promise.all(loaders.splice(0).map((loader) => loader.close())));

  function open(
    options: ViewLoaderOptions,
    recipes: RecipeName[] = ['strong', 'weak'],
    source: Images | (Images | StoredImages)[] = images,
  ) {
    const loader = new ViewLoader(source, recipes, 8, normalization, options);
    loaders.push(loader);
    return loader;
  }

  async function collect(loader: ViewLoader, requests: Iterable<ViewBatchRequest>): Promise<ViewBatch[]> {
    const batches: ViewBatch[] = [];
    for await (const batch of loader.batches(requests)) batches.push(batch);
    return batches;
  }

  it('gives the same bits with 0, 1 and 2 workers, in the order of the requests', async () => {
    // Long and short batches in turn: two workers do not finish them in order.
    const requests = [0, 1, 2, 3, 4, 5].map((i) =>
      request(
        Array.from({ length: i % 2 ? 1 : 200 }, (_, j) => (i + j) % 10),
        i,
      ),
    );
    const [none, one, two] = await Promise.all(
      [0, 1, 2].map((workers) => collect(open({ workers, prefetch: 3 }), requests)),
    );
    assert.deepEqual(
      none.map(({ indices }) => indices),
      requests.map(({ indices }) => indices),
    );
    assert.deepEqual(one, none);
    assert.deepEqual(two, none);
  });

  describe('over images in memory and others that stay in their file', () => {
    const folder = temporaryFolder();
    const inFile = noiseImages(6, 16, 8);
    const joined = { count: 16, size: 16, pixels: Uint8Array.from([...images.pixels, ...inFile.pixels]) };
    const requests = [0, 1, 2].map((epoch) => request([15, 0, 9, 10, 12, 3], epoch));
    const store = () => {
      const file = join(folder(), 'images.bin');
      writeFileSync(file, columnPlanes(inFile));
      return { count: 6, size: 16, file };
    };

    for (const workers of [0, 1, 2]) {
      it(`gives the bits that images in memory give: ${workers} workers`, async () => {
        const expected = await collect(open({ workers: 0 }, ['strong', 'weak'], joined), requests);
        const loader = open({ workers }, ['strong', 'weak'], [images, store()]);
        assert.deepEqual(await collect(loader, requests), expected);
        await assert.rejects(collect(loader, [request([16])]), /no image 16\. Ask for images 0 to 15/);
      });

      it(`says so where the file is cut short meanwhile: ${workers} workers`, async () => {
        const loader = open({ workers }, ['weak'], [images, store()]);
        await collect(loader, [request([15])]);
        truncateSync(join(folder(), 'images.bin'), 1000);
        await assert.rejects(collect(loader, [request([15])]), /images\.bin ends before byte 4608/);
      });
    }
  });

  it('serves one epoch after the other', async () => {
    const loader = open({ workers: 1 });
    const [first] = await collect(loader, [request([1, 2], 0)]);
    const [second] = await collect(loader, [request([1, 2], 1)]);
    const [again] = await collect(loader, [request([1, 2], 0)]);
    assert.deepEqual(again, first);
    assert.notDeepEqual(second, first);
  });

  it('takes pixels that lie in shared memory as they are', async () => {
    const pixels = new Uint8Array(new SharedArrayBuffer(images.pixels.length + 5), 5);
    const loader = open({ workers: 1 }, ['test'], { ...images, pixels });
    // Written after the loader's start: a copy would not show it.
    pixels.set(images.pixels);
    const batches = await collect(loader, [request([0, 9])]);
    assert.deepEqual(batches[0], makeViews(images, [testView()], normalization, request([0, 9])));
  });

  for (const workers of [0, 1, 2]) {
    it(`writes over views that are given back, and none else: ${workers} workers`, async () => {
      const requests = Array.from({ length: 12 }, (_, i) => request(i % 3 ? [1, 2, 3] : [4, 5], i));
      const expected = await collect(open({ workers: 0 }), requests);
      const loader = open({ workers });
      const seen: Float32Array[] = [];
      for await (const batch of loader.batches(requests)) {
        const i = seen.length;
        seen.push(batch.views[0]);
        assert.deepEqual(batch, expected[i]);
        if (i % 2) loader.release(batch.views);
      }
      // What was kept still shows its own batch.
      seen.forEach((view, i) => {
        if (i % 2 === 0) assert.deepEqual(view, expected[i].views[0]);
      });
      if (workers === 0) assert.ok(new Set(seen.map((view) => view.buffer)).size < seen.length);
      else
        assert.ok(
          seen.some((view) => view.length === 0),
          'memory moved to a worker',
        );
    });
  }

  it('takes part of a longer array of indices', async () => {
    const order = Int32Array.of(9, 8, 7, 6, 5);
    const [batch] = await collect(open({ workers: 1 }), [{ ...request([]), indices: order.subarray(1, 3) }]);
    assert.deepEqual(batch.indices, Int32Array.of(8, 7));
    assert.equal(batch.views[0].length, 2 * 8 * 8 * 3);
  });

  for (const workers of [0, 1]) {
    it(`takes requests only as it needs them: ${workers} workers`, async () => {
      const taken = { count: 0, closed: false };
      let seen = 0;
      for await (const _ of open({ workers, prefetch: 2 }).batches(countedRequests(Infinity, taken))) {
        seen++;
        assert.ok(taken.count <= seen + 2, `${taken.count} requests taken for ${seen} batches`);
        if (seen === 5) break;
      }
      assert.ok(taken.closed, 'the source of requests was told of the end');
    });
  }

  it('is ahead of the loop by as many batches as prefetch says', async () => {
    const taken = { count: 0 };
    const iterator = open({ workers: 1, prefetch: 3 }).batches(countedRequests(100, taken));
    await iterator.next();
    assert.equal(taken.count, 3);
    await iterator.return();
  });

  it('ends the loop with an error when a worker dies, and refuses to go on', async () => {
    const loader = open({ workers: 1 });
    const looping = (async () => {
      for await (const _ of loader.batches(countedRequests(Infinity, { count: 0 }))) await endThread(loader);
    })();
    await assert.rejects(looping, {
      name: 'UserError',
      message: /A worker thread ended with exit code 1 .*goes on from its last checkpoint/,
    });
    await assert.rejects(collect(loader, [request([0])]), /ended with exit code/);
  });

  it('ends the loop with an error when it is closed', async () => {
    const loader = open({ workers: 1 });
    const looping = (async () => {
      for await (const _ of loader.batches(countedRequests(Infinity, { count: 0 }))) await loader.close();
    })();
    await assert.rejects(looping, /closed/);
  });

  for (const workers of [0, 1]) {
    it(`refuses images that are not there and stays usable: ${workers} workers`, async () => {
      const loader = open({ workers });
      await assert.rejects(collect(loader, [request([0]), request([99])]), UserError);
      assert.equal((await collect(loader, [request([0])])).length, 1);
    });
  }

  it('refuses settings that cannot be', () => {
    assert.throws(() => open({ workers: -1 }), UserError);
    assert.throws(() => open({ workers: 0, prefetch: 0 }), UserError);
    assert.throws(() => open({ workers: 0 }, ['strnog' as RecipeName]), /Did you mean strong/);
    const short: Images = { ...images, count: 11 };
    assert.throws(() => open({ workers: 0 }, ['weak'], short), /11 images of 16x16 RGB needs/);
  });

  it('leaves a core to training: one worker on two cores, never more than four', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 64].map(defaultWorkers), [1, 1, 2, 3, 4, 4]);
  });

  it('does not keep the process alive when the loop is left and nobody closes', async () => {
    const root = join(__dirname, '..', '..');
    const script = `
      const { ViewLoader } = require('./lib/augment/view-loader.ts');
      const images = { count: 4, size: 8, pixels: new Uint8Array(4 * 8 * 8 * 3) };
      const normalization = { mean: [0, 0, 0], std: [1, 1, 1] };
      const open = () => new ViewLoader(images, ['strong'], 8, normalization, { workers: 2 });
      const loader = open();
      const unused = open();
      const requests = Array(100).fill({ indices: Int32Array.of(0, 1), seed: 1, epoch: 0, purpose: 'augment' });
      (async () => {
        for await (const { views } of loader.batches(requests)) {
          console.log('took', views[0].length);
          break;
        }
      })();`;
    const options = { cwd: root, timeout: 20_000 };
    const { stdout } = await promisify(execFile)(process.execPath, ['-r', 'tsx/cjs', '-e', script], options);
    assert.equal(stdout, 'took 384\n');
  });
});

/** Ends a loader's only thread from outside, as running out of memory would. */
async function endThread(loader: ViewLoader): Promise<void> {
  // biome-ignore lint/complexity/useLiteralKeys: brackets reach a private field
  const pool = loader['pool'] as unknown as { members: { worker: { terminate(): Promise<number> } }[] };
  await pool.members[0].worker.terminate();
}
