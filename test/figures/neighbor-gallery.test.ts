import assert from 'node:assert/strict';
import { imageUri, neighborGallery, renderSvg } from '../../lib/figures';

const images = { count: 2, size: 2, pixels: Uint8Array.from({ length: 24 }, (_, i) => i * 10) };
const texts = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map((match) => match[1]);

describe('The neighbor gallery', () => {
  it('shows queries and neighbors as embedded images, and marks those of another class', async () => {
    const uri = await imageUri(images, 0);
    const neighbors = ['cat', 'dog', 'cat'].map((name, i) => ({
      uri,
      class: name,
      similarity: 0.9 - 0.1 * i,
    }));
    const spec = neighborGallery({
      title: 'Neighbors',
      subtitle: [],
      rows: [{ query: { uri, class: 'cat' }, neighbors }],
    });
    const svg = await renderSvg(spec);
    assert.equal(svg.match(/<image [^>]*data:image\/png;base64,/g)?.length, 4);
    const shown = texts(svg);
    assert.equal(shown.filter((text) => text === '×').length, 1);
    assert.deepEqual([...shown].filter((text) => text === 'cat' || text === 'dog').sort(), [
      'cat',
      'cat',
      'cat',
      'dog',
    ]);
  });

  it('needs a query', () => {
    assert.throws(() => neighborGallery({ title: '', subtitle: [], rows: [] }), { name: 'UserError' });
  });
});

describe('An image as PNG', () => {
  it('has the pixels of the one that is asked for', async () => {
    const { Transformer } = await import('@napi-rs/image');
    const png = Buffer.from((await imageUri(images, 1)).split(',')[1], 'base64');
    const { width, height } = await new Transformer(png).metadata();
    assert.deepEqual([width, height], [2, 2]);
    const rgba = await new Transformer(png).rawPixels();
    assert.deepEqual([...rgba.subarray(0, 4)], [120, 130, 140, 255]);
  });
});
