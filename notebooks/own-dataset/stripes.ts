// A dataset of one's own, in one file. Load it with --load, or import it in a notebook.
import { allocatePixels, createDataset, registerDataset } from '../../lib';

const size = 16;
const classes = ['level', 'upright', 'rising', 'falling'];

/** Images of stripes, whose class is their direction: here they are drawn, yours would be read from `folder`. */
function draw(count: number, first: number) {
  const pixels = allocatePixels(count, size);
  const labels = Int32Array.from({ length: count }, (_, i) => i % classes.length);
  for (let i = 0; i < count; i++) {
    // A large odd number scatters numbers, the same way every time.
    const random = Math.imul(first + i + 1, 2654435761) >>> 0;
    const [width, shift, shade] = [3 + (random % 4), random % 7, 60 + (random % 90)];
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const along = [y, x, x + y, x - y + size][labels[i]];
        const value = Math.floor((along + shift) / width) % 2 === 0 ? shade : 255 - shade;
        pixels.fill(value, ((i * size + y) * size + x) * 3, ((i * size + y) * size + x + 1) * 3);
      }
    }
  }
  return { count, size, pixels, labels };
}

registerDataset({
  name: 'stripes',
  title: 'Stripes',
  classes: classes.length,
  train: 800,
  test: 200,
  imageSize: size,
  read: () =>
    createDataset({
      name: 'stripes',
      classes,
      train: draw(800, 0),
      test: draw(200, 800),
      normalization: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
    }),
});
