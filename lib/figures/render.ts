import { writeFileAtomic } from '../atomic-write';
import type { ChartSpec } from './spec';
import { fontFamily } from './theme';

export interface PngOptions {
  /** Pixels of the picture per pixel of the chart; 2 is sharp on most screens. */
  scale?: number;
}

/** Draws a chart as SVG. */
export async function renderSvg(spec: ChartSpec): Promise<string> {
  // Vega is large: the command line starts without it.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  // Vega marks the data that it is given.
  const own = structuredClone(spec);
  const compiled = vegaLite.compile(own as unknown as Parameters<typeof vegaLite.compile>[0]).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** Draws a chart as PNG. */
export async function renderPng(spec: ChartSpec, options: PngOptions = {}): Promise<Uint8Array> {
  return svgToPng(await renderSvg(spec), spec, options);
}

/** Writes a chart as `<path>.svg`, `<path>.png` and, to be edited further, `<path>.vl.json`; returns the files. */
export async function saveFigure(spec: ChartSpec, path: string, options: PngOptions = {}): Promise<string[]> {
  const svg = await renderSvg(spec);
  const files: [string, string | Uint8Array][] = [
    [`${path}.svg`, svg],
    [`${path}.png`, await svgToPng(svg, spec, options)],
    [`${path}.vl.json`, `${JSON.stringify(spec, null, 2)}\n`],
  ];
  for (const [file, content] of files) writeFileAtomic(file, content);
  return files.map(([file]) => file);
}

async function svgToPng(svg: string, spec: ChartSpec, { scale = 2 }: PngOptions): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const picture = new Resvg(svg, {
    background: typeof spec.config?.background === 'string' ? spec.config.background : undefined,
    fitTo: { mode: 'zoom', value: scale },
    // System fonts differ between machines; with the kit's own the pictures do not.
    font: { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: fontFamily },
  });
  return picture.render().asPng();
}

function fontFiles(): string[] {
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((file) =>
    require.resolve(`dejavu-fonts-ttf/ttf/${file}`),
  );
}
