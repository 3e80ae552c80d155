import { fontFile } from './theme';

/** What Vega tells of a text: the mark that it belongs to. */
interface TextMark {
  fontSize?: number;
  fontWeight?: string | number;
}

/**
 * Measures texts in the figures' own font. Without a canvas Vega takes every letter for .8 of its height, and
 * leaves far too much room.
 */
export async function textWidth(): Promise<(mark: TextMark, text: unknown) => number> {
  const { default: PDFDocument } = await import('pdfkit');
  const [regular, bold] = [false, true].map((heavy) => new PDFDocument({ font: fontFile(heavy) }));
  return ({ fontSize = 11, fontWeight }, text) => {
    const heavy = fontWeight === 'bold' || Number(fontWeight) >= 600;
    return (heavy ? bold : regular).fontSize(fontSize).widthOfString(String(text ?? ''));
  };
}
