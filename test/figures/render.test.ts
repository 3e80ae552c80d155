import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { learningCurves, renderPng, renderSvg, saveFigure } from '../../lib/figures';
import { sampleRecord } from '../results/sample-record';

const records = [sampleRecord('mnn', 71.25), sampleRecord('msf', 64)];
const size = (png: Uint8Array) => [16, 20].map((offset) => Buffer.from(png).readUInt32BE(offset));

describe('rendering', () => {
  it('gives the same bytes every time', async () => {
    const spec = learningCurves(records);
    assert.equal(await renderSvg(spec), await renderSvg(spec));
    assert.deepEqual(await renderPng(spec), await renderPng(spec));
  });

  it('scales the picture', async () => {
    const spec = learningCurves(records);
    const [single, double] = [await renderPng(spec, { scale: 1 }), await renderPng(spec)].map(size);
    assert.deepEqual(
      double,
      single.map((pixels) => 2 * pixels),
    );
  });

  it('draws the text, which needs a font file', async () => {
    const spec = learningCurves(records);
    const { title: _title, ...untitled } = spec;
    const sameHeight = { ...untitled, title: { text: ' ', subtitle: ' ' } };
    assert.ok((await renderPng(spec)).length > 1.05 * (await renderPng(sameHeight)).length);
  });

  for (const [theme, background] of [
    ['light', '#ffffff'],
    ['dark', '#161a1f'],
  ] as const) {
    it(`has a background of its own in the ${theme} theme`, async () => {
      assert.match(await renderSvg(learningCurves(records, { theme })), new RegExp(`fill="${background}"`));
    });
  }

  it('saves SVG, PNG and the chart itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'figure-'));
    const spec = learningCurves(records);
    const files = await saveFigure(spec, join(folder, 'curves'));
    assert.deepEqual(
      files,
      ['svg', 'png', 'vl.json'].map((extension) => join(folder, `curves.${extension}`)),
    );
    assert.equal(readFileSync(files[0], 'utf8'), await renderSvg(spec));
    assert.deepEqual(JSON.parse(readFileSync(files[2], 'utf8')), spec);
    rmSync(folder, { recursive: true });
  });
});
