import { bestFont, fontsFor, missingLetters } from './fonts';
import { fontFile } from './theme';

/** What Vega tells of a text: the mark that it belongs to. */
interface TextMark {
  fontSize?: number;
  fontWeight?: string | number;
}

/**
 * Measures texts in the fonts that they are drawn in. Without a canvas Vega takes every letter for .8 of its height,
 * and leaves far too much room.
 * @param all the texts that may come, as the chart's own description has them.
 */
export async function textWidth(all = ''): Promise<Measure> {
  const lacking = await missingLetters(all);
  if (lacking.length > 0) return measureIn(lacking);
  ownWidth ??= measureIn([]);
  return ownWidth;
}

type Measure = (mark: TextMark, text: unknown) => number;

/** Of texts in the figures' own font, which takes a while to open. */
let ownWidth: Promise<Measure> | undefined;

async function measureIn(lacking: readonly string[]): Promise<Measure> {
  const { default: PDFDocument } = await import('pdfkit');
  const [regular, bold] = [false, true].map((heavy) => new PDFDocument({ font: fontFile(heavy) }));
  const { fonts } = await fontsFor(lacking);
  return ({ fontSize = 11, fontWeight }, given) => {
    const text = String(given ?? '');
    const other = bestFont(
      fonts,
      lacking.filter((letter) => text.includes(letter)),
    );
    if (other) return fontSize * other.widthOf(text);
    const heavy = fontWeight === 'bold' || Number(fontWeight) >= 600;
    return (heavy ? bold : regular).fontSize(fontSize).widthOfString(text);
  };
}
