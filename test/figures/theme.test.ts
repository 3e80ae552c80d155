import assert from 'node:assert/strict';
import { numberedStyle, seriesStyle, themeInks } from '../../lib/figures/theme';

const themes = ['light', 'dark'] as const;

/** Red, green and blue as light, 0 to 1. */
function light(color: string): number[] {
  return [1, 3, 5].map((place) => {
    const share = Number.parseInt(color.slice(place, place + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
}
const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * b[i], 0);
const times = (matrix: number[][], color: number[]) =>
  matrix.map((row) => Math.min(1, Math.max(0, dot(row, color))));

/** Contrast as WCAG measures it: 1 is none, 21 is black on white. */
function contrast(a: string, b: string): number {
  const [low, high] = [a, b]
    .map((color) => dot(light(color), [0.2126, 0.7152, 0.0722]))
    .sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** Lightness and color in CIELAB, where distances are about as large as they look. */
function lab(color: number[]): number[] {
  const toXyz = [
    [0.4124, 0.3576, 0.1805],
    [0.2126, 0.7152, 0.0722],
    [0.0193, 0.1192, 0.9505],
  ];
  const white = [0.95047, 1, 1.08883];
  const [x, y, z] = toXyz.map((row, i) => {
    const value = dot(row, color) / white[i];
    return value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** How colors look with each color blindness: Machado, Oliveira and Fernandes, 2009, at full strength. */
const sights = {
  'full color vision': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

describe('Themes', () => {
  for (const theme of themes) {
    const styles = Array.from({ length: 12 }, (_, i) => numberedStyle(i, theme));
    const colors = [...new Set(styles.map(({ color }) => color))];
    const { background, text, quiet } = themeInks(theme);

    it(`tell twelve series apart by color and dash, and by color and shape (${theme})`, () => {
      assert.equal(new Set(styles.map(({ color, dash }) => `${color} ${dash}`)).size, 12);
      assert.equal(new Set(styles.map(({ color, shape }) => `${color} ${shape}`)).size, 12);
    });

    for (const [sight, matrix] of Object.entries(sights)) {
      it(`have colors that differ with ${sight} (${theme})`, () => {
        const seen = colors.map((color) => lab(times(matrix, light(color))));
        for (const [i, a] of seen.entries()) {
          for (const [j, b] of seen.entries()) {
            if (i < j)
              assert.ok(Math.hypot(...a.map((value, k) => value - b[k])) > 15, `${colors[i]} ${colors[j]}`);
          }
        }
      });
    }

    it(`have texts that can be read (${theme})`, () => {
      assert.ok(contrast(text, background) > 7 && contrast(quiet, background) > 4.5);
    });
  }

  it('give a method the same look in any company', () => {
    assert.deepEqual(
      seriesStyle('msf', ['msf'], 'light'),
      seriesStyle('msf', ['mnn', 'mine', 'msf'], 'light'),
    );
  });

  it('give a method of one’s own a look that no known one has', () => {
    const known = [
      'mnn',
      'msf',
      'cmsf',
      'snclr',
      'nnclr',
      'byol',
      'simclr',
      'moco-v2',
      'ressl',
      'sce',
      'un-mix',
      'untrained',
    ];
    const all = [...known, 'mine'];
    const looks = all
      .map((name) => seriesStyle(name, all, 'light'))
      .map(({ color, dash }) => `${color} ${dash}`);
    assert.equal(new Set(looks).size, all.length);
  });
});
