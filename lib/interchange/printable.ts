/**
 * Text out of a file, for a message: short, and without what a terminal would obey or what hides other letters. Names
 * in any script stay as they are.
 */
export function printable(text: string): string {
  // Of the invisible ones, two join and part letters in Persian and Hindi.
  const clean = [...text.replace(/(?![\u200c\u200d])[\p{C}\p{Zl}\p{Zp}]/gu, '?')];
  return clean.length > 80 ? `${clean.slice(0, 80).join('')}...` : clean.join('');
}
