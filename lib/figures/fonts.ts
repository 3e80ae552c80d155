import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Font } from 'fontkit';
import { fontFile } from './theme';

/** A font of the system, for letters that the figures' own does not have. */
export interface FallbackFont {
  path: string;
  /** Its family, as an SVG names it, and its own name. */
  family: string;
  name: string;
  /** Whether its file has several fonts, of which the name chooses. */
  isCollection: boolean;
  has(letter: string): boolean;
  /** Width of a text whose letters are 1 high. */
  widthOf(text: string): number;
}

/** Where systems and their users keep fonts. */
function fontFolders(): string[] {
  const home = homedir();
  const {
    XDG_DATA_HOME = join(home, '.local', 'share'),
    LOCALAPPDATA = home,
    WINDIR = 'C:\\Windows',
  } = process.env;
  if (process.platform === 'darwin') {
    return ['/System/Library/Fonts', '/Library/Fonts', join(home, 'Library', 'Fonts')];
  }
  if (process.platform === 'win32') {
    return [join(WINDIR, 'Fonts'), join(LOCALAPPDATA, 'Microsoft', 'Windows', 'Fonts')];
  }
  return ['/usr/share/fonts', '/usr/local/share/fonts', join(XDG_DATA_HOME, 'fonts'), join(home, '.fonts')];
}

/** More would be a folder of a font collector's; reading each takes milliseconds. */
const maxFiles = 3000;

let known: { folders: string; fonts: FallbackFont[] } | undefined;

/** Every font of the system that can be read, the regular ones first. */
async function systemFonts(): Promise<FallbackFont[]> {
  const folders = fontFolders();
  if (known?.folders === folders.join()) return known.fonts;
  const { openSync } = await import('fontkit');
  const files = folders.flatMap(filesIn).filter((path) => /\.(ttf|otf|ttc|otc)$/i.test(path));
  const fonts = files
    .sort()
    .slice(0, maxFiles)
    .flatMap((path) => {
      try {
        const opened = openSync(path);
        const isCollection = 'fonts' in opened;
        return (isCollection ? opened.fonts : [opened]).map((font) => fallbackFont(path, font, isCollection));
      } catch {
        return [];
      }
    });
  const plain = (font: FallbackFont) =>
    /bold|black|light|thin|italic|oblique|mono|serif/i.test(font.name) ? 1 : 0;
  known = { folders: folders.join(), fonts: fonts.sort((a, b) => plain(a) - plain(b)) };
  return known.fonts;
}

function fallbackFont(path: string, font: Font, isCollection = false): FallbackFont {
  return {
    path,
    family: font.familyName,
    name: font.postscriptName,
    isCollection,
    has: (letter) => font.hasGlyphForCodePoint(letter.codePointAt(0)!),
    widthOf: (text) => font.layout(text).advanceWidth / font.unitsPerEm,
  };
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

let own: FallbackFont | undefined;

/** Letters of a text that the figures' own font does not have, each once. */
export async function missingLetters(text: string): Promise<string[]> {
  // Nearly every text has none, and the font need not be opened.
  if (/^[\x20-\x7e\s]*$/.test(text)) return [];
  own ??= fallbackFont(fontFile(false), (await import('fontkit')).openSync(fontFile(false)) as Font);
  return [...new Set(text)].filter(
    (letter) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Z}]/u.test(letter) && !own!.has(letter),
  );
}

/** The fewest fonts of the system with these letters, and the letters that none has. */
export async function fontsFor(
  letters: readonly string[],
): Promise<{ fonts: FallbackFont[]; missing: string[] }> {
  const fonts: FallbackFont[] = [];
  let missing = [...letters];
  while (missing.length > 0) {
    const best = bestFont(await systemFonts(), missing);
    if (!best) break;
    fonts.push(best);
    missing = missing.filter((letter) => !best.has(letter));
  }
  return { fonts, missing };
}

/** The first of the fonts that have most of the letters. */
export function bestFont(
  fonts: readonly FallbackFont[],
  letters: readonly string[],
): FallbackFont | undefined {
  let [best, most]: [FallbackFont | undefined, number] = [undefined, 0];
  for (const font of fonts) {
    const count = letters.filter(font.has).length;
    if (count > most) [best, most] = [font, count];
  }
  return best;
}

/** An SVG's texts with letters that the figures' own font lacks, each in the font that has most of them. */
export async function withFallbackFonts(
  svg: string,
): Promise<{ svg: string; fonts: FallbackFont[]; missing: string[] }> {
  const texts = [...svg.matchAll(textElement)].map(([, , text]) => text).join('');
  const lacking = await missingLetters(texts);
  if (lacking.length === 0) return { svg, fonts: [], missing: [] };
  const { fonts, missing } = await fontsFor(lacking);
  const changed = svg.replace(textElement, (whole, attributes: string, text: string) => {
    const font = bestFont(
      fonts,
      lacking.filter((letter) => text.includes(letter)),
    );
    if (!font) return whole;
    return `<text${attributes.replace(/ font-family="[^"]*"/, '')} font-family="${font.family}">${text}</text>`;
  });
  return { svg: changed, fonts, missing };
}

const textElement = /<text([^>]*)>([^<]*)<\/text>/g;
