import assert from 'node:assert/strict';
import { UserError } from '../../lib/core/errors';
import { randomStream } from '../../lib/core/random';
import { project, projections } from '../../lib/evaluation';
import { failure } from '../training/tiny-run';

const random = randomStream(1, 'projection');
/** Two clusters, even and odd rows, of 8 features. */
const count = 60;
const rows = Float32Array.from(
  { length: count * 8 },
  (_, place) => random.normal() + (Math.floor(place / 8) % 2) * 20,
);

describe('A projection', () => {
  for (const method of projections) {
    it(`by ${method} puts clusters apart, the same way every time`, async () => {
      const points = await project(rows, count, { method });
      assert.deepEqual(points, await project(rows, count, { method }));
      assert.equal(points.length, 2 * count);
      const distance = (i: number, j: number) =>
        Math.hypot(points[2 * i] - points[2 * j], points[2 * i + 1] - points[2 * j + 1]);
      for (let i = 0; i < count; i++) {
        const others = [...Array(count).keys()].filter((j) => j !== i);
        const nearest = others.reduce((best, j) => (distance(i, j) < distance(i, best) ? j : best));
        assert.equal(nearest % 2, i % 2);
      }
    });

    it(`by ${method} takes as few as 4 points`, async () => {
      const points = await project(rows.subarray(0, 32), 4, { method });
      assert.ok(points.every(Number.isFinite));
    });
  }

  it('refuses features that are no numbers any more, and names the row', async () => {
    const broken = rows.slice();
    broken[8 * 7 + 3] = Number.NaN;
    await failure(project(broken, count), UserError, /Row 7 .* NaN/);
  });

  it('refuses fewer, and unknown ways', async () => {
    await failure(project(rows.subarray(0, 24), 3), UserError, /at least 4 points, these are 3/);
    await failure(
      project(rows, count, { method: 'pca' as never }),
      UserError,
      /projection 'pca'.*tsne, umap/,
    );
  });
});
