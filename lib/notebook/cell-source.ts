import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Node, SourceFile } from 'typescript';

/** The compiler takes a while to load, and most cells and commands do not need it. */
export function compiler(): typeof import('typescript') {
  return require('typescript');
}

/** A cell's text as the compiler reads it. */
export function parse(source: string): SourceFile {
  const ts = compiler();
  return ts.createSourceFile('cell.ts', source, ts.ScriptTarget.Latest, true);
}

/** A part of a text and what it becomes. */
export interface Edit {
  from: number;
  to: number;
  text: string;
}

/** A text with edits that do not overlap. Of two at one place the earlier in the list comes later in the text. */
export function edited(source: string, edits: readonly Edit[]): string {
  // From the end on, so that places stay right.
  return edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((whole, { from, to, text }) => whole.slice(0, from) + text + whole.slice(to), source);
}

/** The names that a cell declares with const, let or var, each with the type that it is given there, if any. */
export function declaredVariables(source: string): Map<string, string | undefined> {
  const ts = compiler();
  const variables = new Map<string, string | undefined>();
  const add = (name: Node, type?: Node) => {
    if (ts.isIdentifier(name)) variables.set(name.text, type?.getText());
    else name.forEachChild((part) => ts.isBindingElement(part) && add(part.name));
  };
  for (const statement of parse(source).statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, type } of statement.declarationList.declarations) add(name, type);
  }
  return variables;
}

/**
 * A cell's text without `export` before its declarations, as it has them in a file: cells share all that they declare.
 * Spaces take its place, so that lines and columns in messages stay right. A function or class that has no name, as it may
 * after `export default` alone, becomes an expression.
 */
export function withoutExports(source: string): string {
  if (!/\bexport\b/.test(source)) return source;
  const ts = compiler();
  let text = source;
  const blank = (from: number, to: number, start = '') => {
    const spaces = text.slice(from + start.length, to).replace(/[^\n]/g, ' ');
    text = text.slice(0, from) + start + spaces + text.slice(to);
  };
  for (const statement of parse(source).statements) {
    if (ts.isExportDeclaration(statement) && !statement.moduleSpecifier)
      blank(statement.getStart(), statement.end);
    else if (ts.isExportAssignment(statement) && !statement.isExportEquals)
      blank(statement.getStart(), statement.expression.getStart());
    else if (ts.canHaveModifiers(statement)) {
      const isNameless =
        (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && !statement.name;
      for (const modifier of ts.getModifiers(statement) ?? []) {
        if (modifier.kind === ts.SyntaxKind.ExportKeyword) blank(modifier.getStart(), modifier.end);
        if (modifier.kind === ts.SyntaxKind.DefaultKeyword)
          blank(modifier.getStart(), modifier.end, isNameless ? 'void' : '');
      }
    }
  }
  return text;
}

/**
 * A cell's text without what the kernel's compiler does not take or mistakes: the attributes of imports (`with { type: 'json' }`) are
 * left out, and `{ seed }` is written as `{ seed: seed }`, in which it finds a name from an earlier cell.
 */
export function withPlainSyntax(source: string): string {
  if (!source.includes('{')) return source;
  const ts = compiler();
  const edits: Edit[] = [];
  const visit = (node: Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.attributes) {
      const [from, to] = [node.attributes.getStart(), node.attributes.end];
      edits.push({ from, to, text: source.slice(from, to).replace(/[^\n]/g, ' ') });
    } else if (ts.isShorthandPropertyAssignment(node)) {
      const { end, text } = node.name;
      edits.push({ from: end, to: end, text: `: ${text}` });
    }
    node.forEachChild(visit);
  };
  visit(parse(source));
  return edited(source, edits);
}

/** Whether a cell has `for await` outside of its functions. */
export function loopsAwaitingAtTop(source: string): boolean {
  if (!/\bfor\s+await\b/.test(source)) return false;
  const ts = compiler();
  const loops = (node: Node): boolean =>
    (ts.isForOfStatement(node) && node.awaitModifier !== undefined) ||
    (!ts.isFunctionLike(node) && !ts.isClassLike(node) && (ts.forEachChild(node, loops) ?? false));
  return loops(parse(source));
}

/**
 * Compiled code that has a file's address as CommonJS code can: `import.meta` becomes an object with its fields. A cell
 * takes that of a file in the notebook's folder, whose name nobody tells its kernel.
 */
export function withImportMeta(code: string, file: string): string {
  if (!/\bimport\s*\.\s*meta\b/.test(code)) return code;
  const ts = compiler();
  const fields = JSON.stringify({ url: pathToFileURL(file).href, filename: file, dirname: dirname(file) });
  const meta = `({ ...${fields}, resolve: (name) => require('node:url').pathToFileURL(require.resolve(name)).href })`;
  const edits: Edit[] = [];
  const search = (node: Node): void => {
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      edits.push({ from: node.getStart(), to: node.end, text: meta });
    else node.forEachChild(search);
  };
  search(parse(code));
  return edited(code, edits);
}
