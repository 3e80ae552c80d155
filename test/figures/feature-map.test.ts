import assert from 'node:assert/strict';
import { featureMap, renderSvg } from '../../lib/figures';

const classes = Array.from({ length: 13 }, (_, i) => `class ${i}`);
const data = {
  title: 'Features',
  subtitle: ['of nothing'],
  points: Float64Array.from({ length: 26 }, (_, i) => i),
  labels: Int32Array.from(classes.keys()),
  classes,
};
const few = { ...data, classes: classes.slice(0, 2), labels: data.labels.map((label) => label % 2) };

describe('The feature map', () => {
  it('draws every point in the color and shape of its class, with a legend', async () => {
    const svg = await renderSvg(featureMap(few));
    assert.equal(svg.match(/aria-roledescription="point"/g)?.length, 13);
    for (const name of few.classes) assert.ok(svg.includes(`>${name}</text>`));
    for (const color of ['#D55E00', '#0072B2']) assert.ok(svg.includes(color));
  });

  it('colors up to 12 classes, and the rest gray', async () => {
    const svg = await renderSvg(featureMap(data, { highlight: ['class 3'] }));
    assert.ok(svg.includes('>class 3</text>') && !svg.includes('>class 4</text>'));
    assert.equal(svg.match(/aria-roledescription="point"/g)?.length, 13);
    assert.throws(() => featureMap(data), /13 classes cannot be told apart/);
    assert.throws(() => featureMap(data, { highlight: ['cat'] }), /no class 'cat'.*class 0/);
  });
});
