/**
 * How fast datasets are read, and in how much memory: `npx tsx bench/datasets.ts [folder] [name ...]`.
 *
 * Every dataset of the folder is loaded twice, each time in a process of its own: first without what an earlier load
 * may have kept in the dataset's folder `.cache`, then with it. Images that stay in their file (STL-10's unlabeled
 * ones) are also read one by one in a shuffled order, as pretraining does.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { permutation, randomStream } from '../lib/core/random';
import { dataFolder, findDataset, loadDataset, openImages, sourceOf, sources } from '../lib/data';

interface Measured {
  images: number;
  seconds: number;
  peakMegabytes: number;
  /** Images per second, where some stay in their file. */
  oneByOne?: number;
}

/** Loads a dataset in this process, and prints what was measured. */
async function measure(name: string, folder: string): Promise<void> {
  const start = performance.now();
  const { train, test, unlabeled } = await loadDataset(name, { data: folder });
  const measured: Measured = {
    images: train.count + test.count + (unlabeled?.count ?? 0),
    seconds: (performance.now() - start) / 1000,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
  if (unlabeled) measured.oneByOne = imagesPerSecond(openImages([unlabeled]));
  console.log(JSON.stringify(measured));
}

function imagesPerSecond({ count, image, close }: ReturnType<typeof openImages>): number {
  const order = permutation(randomStream(1339, 'order', 0), count).subarray(0, 20_000);
  const start = performance.now();
  for (const index of order) image(index);
  const seconds = (performance.now() - start) / 1000;
  close();
  return order.length / seconds;
}

function main([folder = dataFolder(), ...given]: string[]): void {
  const names = given.length > 0 ? given : sources().map(({ name }) => name);
  for (const name of names) {
    const found = findDataset(sourceOf(name), folder);
    if (!found) continue;
    rmSync(join(found, '.cache'), { recursive: true, force: true });
    for (const load of ['first', 'second']) {
      const args = ['-r', 'tsx/cjs', __filename, '--one', name, folder];
      const { images, seconds, peakMegabytes, oneByOne } = JSON.parse(
        execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }),
      ) as Measured;
      const speed = `${(images / seconds).toFixed(0)} images/s`;
      const stored = oneByOne ? `, one by one ${oneByOne.toFixed(0)} images/s` : '';
      console.log(
        `${name}, ${load} load: ${images} images in ${seconds.toFixed(2)} s, ${speed}, ` +
          `peak ${peakMegabytes.toFixed(0)} MiB${stored}`,
      );
    }
  }
}

const [mode, name, folder] = process.argv.slice(2);
if (mode === '--one') void measure(name, folder);
else main(process.argv.slice(2));
