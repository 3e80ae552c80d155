import { unknownName } from '../core/errors';
import { writeFileAtomic } from '../core/files';
import { withFallbackFonts } from './fonts';
import { renderPdfOf } from './pdf';
import type { ChartSpec } from './spec';
import { textWidth } from './text-width';
import { fontFamily, fontFile } from './theme';

export interface PngOptions {
  /** Pixels of the image per pixel of the chart; 2 is sharp on most screens. */
  scale?: number;
}

/** Images, and with `vl.json` the chart itself, to be edited further. */
export const figureFormats = ['svg', 'png', 'pdf', 'vl.json'] as const;
export type FigureFormat = (typeof figureFormats)[number];

export interface SaveOptions extends PngOptions {
  /** Default: svg, png and vl.json. */
  formats?: readonly FigureFormat[];
  /** Called with what is not as expected, such as letters that no font here has. */
  warn?: (message: string) => void;
}

/** Draws a chart as SVG. */
export async function renderSvg(spec: ChartSpec): Promise<string> {
  // Vega is large: the command line starts without it.
  const [vega, vegaLite] = await Promise.all([import('vega'), import('vega-lite')]);
  const width = await textWidth(JSON.stringify(spec));
  Object.assign((vega as unknown as { textMetrics: object }).textMetrics, { width });
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

/** Draws a chart as PDF: one page of its size, all of it vectors and text that can be searched. */
export async function renderPdf(spec: ChartSpec): Promise<Uint8Array> {
  return renderPdfOf(await renderSvg(spec), String(spec.title?.text ?? 'Figure'));
}

/**
 * Writes a chart as `<path>.svg`, `<path>.png` and so on; returns the files.
 * @throws UserError for an unknown format, or where a file cannot be written.
 */
export async function saveFigure(
  spec: ChartSpec,
  path: string,
  options: SaveOptions = {},
): Promise<string[]> {
  const { formats = ['svg', 'png', 'vl.json'] } = options;
  const unknown = formats.find((format) => !figureFormats.includes(format));
  if (unknown !== undefined) throw unknownName('format', unknown, figureFormats);
  const svg = await renderSvg(spec);
  const content: Record<FigureFormat, () => Promise<string | Uint8Array> | string> = {
    svg: () => svg,
    png: () => svgToPng(svg, spec, options),
    pdf: () => renderPdfOf(svg, String(spec.title?.text ?? 'Figure')),
    'vl.json': () => `${JSON.stringify(spec, null, 2)}\n`,
  };
  const { missing } = await withFallbackFonts(svg);
  if (missing.length > 0) {
    options.warn?.(
      `No font on this machine has the letters ${missing.slice(0, 20).join(' ')}: they are drawn as boxes. Install one ` +
        'that has them, such as fonts-noto-cjk for Chinese, Japanese and Korean.',
    );
  }
  const files: string[] = [];
  for (const format of formats) {
    const file = `${path}.${format}`;
    writeFileAtomic(file, await content[format]());
    files.push(file);
  }
  return files;
}

async function svgToPng(svg: string, spec: ChartSpec, { scale = 2 }: PngOptions): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  // Vega asks for sharp pixels in two words; resvg does not know the second, and forgets the first for it.
  const { svg: readable, fonts } = await withFallbackFonts(svg);
  const sharp = readable.replaceAll(' image-rendering: pixelated;', '');
  const image = new Resvg(sharp, {
    background: typeof spec.config?.background === 'string' ? spec.config.background : undefined,
    fitTo: { mode: 'zoom', value: scale },
    // System fonts differ between machines: they are for letters that the kit's own font does not have.
    font: {
      loadSystemFonts: false,
      fontFiles: [fontFile(false), fontFile(true), ...fonts.map(({ path }) => path)],
      defaultFontFamily: fontFamily,
    },
  });
  return image.render().asPng();
}
