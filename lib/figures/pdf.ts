import { withFallbackFonts } from './fonts';
import { fontFile } from './theme';

/** An SVG as a PDF of one page of the same size, one point per pixel, with its fonts embedded. */
export async function renderPdfOf(drawn: string, title: string): Promise<Uint8Array> {
  const [{ default: PDFDocument }, { default: svgToPdf }] = await Promise.all([
    import('pdfkit'),
    import('svg-to-pdfkit'),
  ]);
  const { svg, fonts } = await withFallbackFonts(drawn);
  const [width, height] = ['width', 'height'].map((name) =>
    Number(svg.match(`<svg[^>]* ${name}="([\\d.]+)"`)![1]),
  );
  // With a fixed date the same figure gives the same bytes.
  const info = { Title: title, CreationDate: new Date(0), ModDate: new Date(0) };
  const document = new PDFDocument({ size: [width, height], margin: 0, info });
  const chunks: Buffer[] = [];
  document.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => document.on('end', resolve));
  for (const { family, path, name, isCollection } of fonts) {
    if (isCollection) document.registerFont(family, path, name);
    else document.registerFont(family, path);
  }
  const families = new Set(fonts.map(({ family }) => family));
  svgToPdf(document, svg, 0, 0, {
    fontCallback: (family, bold) => (families.has(family) ? family : fontFile(bold)),
    assumePt: true,
  });
  document.end();
  await ended;
  return Buffer.concat(chunks);
}
