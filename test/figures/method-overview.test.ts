import assert from 'node:assert/strict';
import { methodOverview, renderSvg } from '../../lib/figures';

describe('The overview of the method', () => {
  for (const theme of ['light', 'dark'] as const) {
    it(`names every part, and draws the key’s arrow solid and the mixed ones dashed (${theme})`, async () => {
      const svg = await renderSvg(methodOverview({ theme }));
      for (const text of ['fₛ', 'hₛ', 'gₜ', 'support set: a queue of earlier keys', 'mix', 'MSF', 'MNN'])
        assert.ok(svg.includes(`>${text}</text>`), text);
      assert.ok(svg.match(/stroke-dasharray="5,4"/g)!.length >= 3);
    });
  }

  it('is as wide as it is asked to be, everything in proportion', async () => {
    const width = async (asked: number) =>
      Number((await renderSvg(methodOverview({ width: asked }))).match(/<svg[^>]* width="([\d.]+)"/)![1]);
    assert.ok(Math.abs((await width(1000)) - (await width(700)) - 300) < 5);
  });
});
