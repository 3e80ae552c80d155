import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { learningCurves, renderPdf, renderPng, renderSvg, saveFigure } from '../../lib/figures';
import { sampleRecord } from '../results/sample-record';

const records = [sampleRecord('mnn', 71.25), sampleRecord('msf', 64)];
const size = (png: Uint8Array) => [16, 20].map((offset) => Buffer.from(png).readUInt32BE(offset));

describe('rendering', () => {
  it('gives the same bytes every time', async () => {
    const spec = learningCurves(records);
    assert.equal(await renderSvg(spec), await renderSvg(spec));
    assert.deepEqual(await renderPng(spec), await renderPng(spec));
  });

  it('scales the image', async () => {
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

  it('draws a PDF of one page of vectors and text, the same every time', async () => {
    const spec = learningCurves(records);
    const pdf = Buffer.from(await renderPdf(spec));
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-');
    const text = pdf.toString('latin1');
    const [width, height] = (await renderSvg(spec)).match(/width="(\d+)" height="(\d+)"/)!.slice(1);
    assert.ok(text.includes(`/MediaBox [0 0 ${width} ${height}]`));
    assert.match(text, /FontName.*DejaVuSans/);
    assert.doesNotMatch(text, /\/Subtype \/Image/);
    assert.deepEqual(Buffer.from(await renderPdf(spec)), pdf);
  });

  it('measures texts in its own font, so that no room is wasted', async () => {
    const subtitle = 'm'.repeat(40) + 'i'.repeat(160);
    const svg = await renderSvg({ ...learningCurves(records), title: { text: 'A', subtitle } });
    const width = Number(svg.match(/<svg[^>]* width="(\d+)"/)![1]);
    assert.ok(width < 200 * 12 * 0.55, `${width}`);
  });

  it('saves the formats that are asked for, and no unknown one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'figure-'));
    const spec = learningCurves(records);
    const formats = ['pdf', 'svg'] as const;
    assert.deepEqual(await saveFigure(spec, join(folder, 'a'), { formats }), [
      join(folder, 'a.pdf'),
      join(folder, 'a.svg'),
    ]);
    await assert.rejects(
      saveFigure(spec, join(folder, 'a'), { formats: ['gif' as 'png'] }),
      /Unknown format 'gif'/,
    );
    rmSync(folder, { recursive: true });
  });

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
