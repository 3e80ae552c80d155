import type { Node, SourceFile } from 'typescript';

/** The compiler takes a while to load, and most cells and commands do not need it. */
function compiler(): typeof import('typescript') {
  return require('typescript');
}

function parse(source: string): SourceFile {
  const ts = compiler();
  return ts.createSourceFile('cell.ts', source, ts.ScriptTarget.Latest, true);
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

/** Whether a cell has `for await` outside of its functions. */
export function loopsAwaitingAtTop(source: string): boolean {
  if (!/\bfor\s+await\b/.test(source)) return false;
  const ts = compiler();
  const loops = (node: Node): boolean =>
    (ts.isForOfStatement(node) && node.awaitModifier !== undefined) ||
    (!ts.isFunctionLike(node) && !ts.isClassLike(node) && (ts.forEachChild(node, loops) ?? false));
  return loops(parse(source));
}
