/** The look of a figure: on white paper and screens, or on dark ones. */
export type Theme = 'light' | 'dark';

/** The family of every text in a figure; its file comes with the kit, so pictures are the same everywhere. */
export const fontFamily = 'DejaVu Sans';

const inks = {
  light: { background: '#ffffff', text: '#222222', quiet: '#5c5c5c', grid: '#e4e4e4' },
  dark: { background: '#161a1f', text: '#f0f0f0', quiet: '#b4bac2', grid: '#333a42' },
};

/** The colours of a theme apart from the data's. */
export function themeInks(theme: Theme): (typeof inks)['light'] {
  return inks[theme];
}

/**
 * The palette of Okabe and Ito, told apart with every common colour blindness. Its yellow is left out, hard to
 * see on white; its black turns white on a dark background.
 */
const palette = ['#D55E00', '#0072B2', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];

const dashes = [[], [6, 3], [2, 2]];

/** A method always has the same colour and dash, in whatever company it is drawn. */
const order = ['mnn', 'msf', 'cmsf', 'snclr', 'nnclr', 'byol', 'simclr', 'moco-v2', 'ressl', 'sce', 'un-mix'];

export interface MethodLine {
  color: string;
  dash: number[];
}

/** How a method's line is drawn; methods that the kit does not know follow in the order given. */
export function methodLine(method: string, drawn: readonly string[], theme: Theme): MethodLine {
  const all = [...order, ...drawn.filter((name) => !order.includes(name))];
  const colors = [...palette, themeInks(theme).text];
  const place = all.indexOf(method);
  return {
    color: colors[place % colors.length],
    dash: dashes[Math.floor(place / colors.length) % dashes.length],
  };
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
