/** The look of a figure: on white paper and screens, or on dark ones. */
export type Theme = 'light' | 'dark';

/** The family of every text in a figure; its file comes with the kit, so images are the same everywhere. */
export const fontFamily = 'DejaVu Sans';

const inks = {
  light: { background: '#ffffff', text: '#222222', quiet: '#5c5c5c', grid: '#e4e4e4' },
  dark: { background: '#161a1f', text: '#f0f0f0', quiet: '#b4bac2', grid: '#333a42' },
};

/** The colors of a theme apart from the data's. */
export function themeInks(theme: Theme): (typeof inks)['light'] {
  return inks[theme];
}

/**
 * The palette of Okabe and Ito, told apart with every common color blindness. Its yellow is left out, hard to
 * see on white; its black turns white on a dark background.
 */
const palette = ['#D55E00', '#0072B2', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];
const dashes = [[], [6, 3], [2, 2]];
const shapes = ['circle', 'square', 'triangle-up', 'diamond', 'cross'];

/** For what is wrong or marked, such as a false neighbor. */
export const markColor = palette[0];

/** A method always has the same look, in whatever company it is drawn. */
const order = [
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

/** How a series or a class is drawn: no two of the first 21 have the same color and dash. */
export interface SeriesStyle {
  color: string;
  dash: number[];
  shape: string;
}

/** The look of the series or class with this number, from 0 on. */
export function numberedStyle(number: number, theme: Theme): SeriesStyle {
  const colors = [...palette, themeInks(theme).text];
  return {
    color: colors[number % colors.length],
    dash: dashes[Math.floor(number / colors.length) % dashes.length],
    shape: shapes[number % shapes.length],
  };
}

/** The look of a method, or of a series of another name; what the kit does not know follows in the order given. */
export function seriesStyle(name: string, drawn: readonly string[], theme: Theme): SeriesStyle {
  const known = order.indexOf(name);
  if (known >= 0) return numberedStyle(known, theme);
  const others = drawn.filter((other) => !order.includes(other));
  const free = drawn.length === others.length ? 0 : order.length;
  return numberedStyle(free + others.indexOf(name), theme);
}

/** The Vega-Lite settings that every figure shares. */
export function themeConfig(theme: Theme): Record<string, unknown> {
  const { background, text, quiet, grid } = themeInks(theme);
  return {
    background,
    padding: 16,
    font: `${fontFamily}, Verdana, sans-serif`,
    view: { stroke: null },
    axis: {
      labelColor: quiet,
      titleColor: text,
      labelFontSize: 11,
      titleFontSize: 12,
      titleFontWeight: 'normal',
      titlePadding: 8,
      gridColor: grid,
      domain: false,
      ticks: false,
      labelPadding: 6,
    },
    legend: {
      labelColor: text,
      titleColor: text,
      labelFontSize: 12,
      labelLimit: 400,
      titleFontSize: 12,
      symbolSize: 90,
    },
    title: {
      color: text,
      subtitleColor: quiet,
      anchor: 'start',
      fontSize: 16,
      fontWeight: 'bold',
      subtitleFontSize: 12,
      subtitlePadding: 6,
      offset: 18,
    },
  };
}

/** The file of the figures' font. */
export function fontFile(bold: boolean): string {
  return require.resolve(`dejavu-fonts-ttf/ttf/DejaVuSans${bold ? '-Bold' : ''}.ttf`);
}
