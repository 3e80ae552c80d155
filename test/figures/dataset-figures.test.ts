import assert from 'node:assert/strict';
import { Transformer } from '@napi-rs/image';
import { augment } from '../../lib';
import { ViewLoader } from '../../lib/augment/view-loader';
import { UserError } from '../../lib/core/errors';
import { shapes10 } from '../../lib/data';
import { type ChartSpec, datasetSamples, datasetViews, renderSvg } from '../../lib/figures';

const dataset = shapes10({ train: 200, test: 10 });

/** The images of each row of a figure, as data URIs, and the rows' labels. */
function rowsOf(spec: ChartSpec): { images: string[][]; labels: string[] } {
  const layers = spec.layer as { data: { values: { uri?: string; label?: string }[] } }[];
  const values = layers.map(({ data }) => data.values);
  return {
    images: values.slice(0, -1).map((row) => row.map(({ uri }) => uri!)),
    labels: values.at(-1)!.map(({ label }) => label!),
  };
}

/** The colors of an enlarged image's pixels, at its own size. */
async function pixelsOf(uri: string, size: number): Promise<Uint8Array> {
  const png = new Transformer(Buffer.from(uri.split(',')[1], 'base64'));
  const { width } = await png.metadata();
  const drawn = await png.rawPixels();
  const channels = drawn.length / (width * width);
  const factor = width / size;
  return Uint8Array.from({ length: size * size * 3 }, (_, i) => {
    const [at, channel] = [Math.floor(i / 3), i % 3];
    const [x, y] = [factor * (at % size), factor * Math.floor(at / size)];
    return drawn[(y * width + x) * channels + channel];
  });
}

describe('The samples of a dataset', () => {
  it('are training images of each class, each in the row of its class', async () => {
    const { images, labels } = rowsOf(await datasetSamples(dataset, { columns: 3 }));
    assert.deepEqual(labels, dataset.classes);
    const { pixels, labels: classes, size } = dataset.train;
    const bytes = size * size * 3;
    for (const [row, uris] of images.entries()) {
      assert.equal(new Set(uris).size, 3);
      const wanted = Buffer.from(await pixelsOf(uris[0], size));
      const found = classes.findIndex((_, i) => wanted.equals(pixels.subarray(i * bytes, (i + 1) * bytes)));
      assert.equal(classes[found], row);
    }
  });

  it('follow the seed, and are cut to some classes', async () => {
    const draw = async (seed: number) =>
      rowsOf(await datasetSamples(dataset, { classes: 3, columns: 2, seed }));
    const [one, same, other] = [await draw(1), await draw(1), await draw(2)];
    assert.equal(one.labels.length, 3);
    assert.deepEqual(one, same);
    assert.notDeepEqual(one.images, other.images);
    const spec = await datasetSamples(dataset, { classes: ['target', 'disc'], columns: 2 });
    assert.deepEqual(rowsOf(spec).labels, ['target', 'disc']);
    const svg = await renderSvg(spec);
    for (const text of ['target', 'disc', 'shapes10: training images'])
      assert.ok(svg.includes(`>${text}</text>`));
    assert.equal(svg.match(/<image /g)?.length, 4);
  });

  it('end with a row of those without a label', async () => {
    const { labels, images } = rowsOf(
      await datasetSamples({ ...dataset, unlabeled: dataset.test }, { classes: 1, columns: 2 }),
    );
    assert.deepEqual([labels[1], images[1].length], ['unlabeled', 2]);
  });

  it('refuse an unknown class and no classes', async () => {
    await assert.rejects(
      datasetSamples(dataset, { classes: ['dics'] }),
      /Unknown class 'dics'. Did you mean disc/,
    );
    await assert.rejects(datasetSamples(dataset, { classes: 0 }), UserError);
  });
});

describe('The views of an image', () => {
  it('are those that a run makes of it in its first epochs', async () => {
    const { images, labels } = rowsOf(await datasetViews(dataset, { image: 17, columns: 2, seed: 5 }));
    assert.deepEqual(labels, ['image', 'strong', 'weak']);
    const { train, normalization } = dataset;
    assert.deepEqual(await pixelsOf(images[0][0], 16), train.pixels.slice(17 * 768, 18 * 768));
    const loader = new ViewLoader(train, ['strong', 'weak'], 16, normalization, { workers: 0 });
    const requests = [0, 1].map((epoch) => ({
      indices: Int32Array.of(3, 17),
      seed: 5,
      epoch,
      purpose: 'augment' as const,
    }));
    let epoch = 0;
    for await (const { views } of loader.batches(requests)) {
      for (const [kind, view] of views.entries()) {
        const { pixels } = augment.denormalize(view.slice(768), 16, normalization);
        assert.deepEqual(await pixelsOf(images[1 + kind][epoch], 16), pixels);
      }
      epoch += 1;
    }
    assert.equal(epoch, 2);
  });

  it('have the size that the paper gives them, the image its own', async () => {
    const size = 96;
    const images = {
      count: 1,
      size,
      pixels: new Uint8Array(size * size * 3).fill(90),
      labels: Int32Array.of(0),
    };
    const large = { ...dataset, name: 'stl10', imageSize: size, train: images, test: images };
    const { title, width } = await datasetViews(large, { columns: 1 });
    assert.match(String(title?.subtitle), /Image 0 \(disc\), 96 x 96 pixels, and its views of 64 x 64/);
    // Both at twice their size.
    assert.ok(Number(width) > 192 && Number(width) < 300, String(width));
  });

  it('refuse an image that is not there', async () => {
    await assert.rejects(datasetViews(dataset, { image: 200 }), /no training image 200 .* from 0 to 199/);
  });
});
