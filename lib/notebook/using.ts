import type { Block, Node, VariableDeclarationList } from 'typescript';
import { compiler, type Edit, edited, parse } from './cell-source';

type Disposer = () => unknown;

/** What `using` declarations of one scope hold, to be disposed of in the reverse order when the scope ends. */
export class Disposables {
  private readonly disposers: Disposer[] = [];
  private failure: { error: unknown } | undefined;

  /** Takes a value, unless it is null or undefined. @throws TypeError if it cannot be disposed of. */
  add(value: unknown, isAsync: boolean): void {
    if (value === null || value === undefined) return;
    const methods = value as Record<symbol, Disposer | undefined>;
    const dispose = (isAsync && methods[Symbol.asyncDispose]) || methods[Symbol.dispose];
    if (typeof dispose !== 'function')
      throw new TypeError(`using: the value has no [Symbol.${isAsync ? 'asyncDispose' : 'dispose'}]().`);
    this.disposers.push(() => dispose.call(value));
  }

  /** Keeps what the scope threw, so that an error of a disposal does not hide it. */
  failed(error: unknown): unknown {
    this.failure = { error };
    return error;
  }

  end(): void {
    for (const dispose of this.disposers.splice(0).reverse()) {
      try {
        dispose();
      } catch (error) {
        this.addFailure(error);
      }
    }
    this.throwFailure();
  }

  async endAsync(): Promise<void> {
    for (const dispose of this.disposers.splice(0).reverse()) {
      try {
        await dispose();
      } catch (error) {
        this.addFailure(error);
      }
    }
    this.throwFailure();
  }

  private addFailure(error: unknown): void {
    const before = this.failure;
    this.failure = {
      error: before
        ? new AggregateError([error, before.error], `${messageOf(error)}, after: ${messageOf(before.error)}`)
        : error,
    };
  }

  private throwFailure(): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure.error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What the running cell holds outside of its functions and blocks; the kernel ends it with the cell. */
export const ofCell: Disposables = new Disposables();

/**
 * A cell's text with `using` and `await using` written as `const`, since the kernel's compiler is older than they are. What they
 * declare is disposed of when the block ends, and at the top of a cell when the cell ends.
 */
export function withoutUsing(source: string): string {
  if (!/\busing\b/.test(source)) return source;
  const ts = compiler();
  const edits: Edit[] = [];
  const scopes = new Map<Block, { name: string; isAsync: boolean; first: string }>();
  const runtime = `require(${JSON.stringify(__filename)})`;

  const usingOf = (list: Node | undefined) => {
    if (!list || !ts.isVariableDeclarationList(list)) return undefined;
    const kind = list.flags & ts.NodeFlags.BlockScoped;
    if (kind !== ts.NodeFlags.Using && kind !== ts.NodeFlags.AwaitUsing) return undefined;
    return { list, isAsync: kind === ts.NodeFlags.AwaitUsing };
  };
  const scopeOf = (block: Block, isAsync: boolean) => {
    const scope = scopes.get(block) ?? { name: `$scope${scopes.size + 1}`, isAsync, first: '' };
    scope.isAsync ||= isAsync;
    scopes.set(block, scope);
    return scope;
  };
  /** Lengths stay as far as they can, so that a message names the right column. */
  const writeConst = (list: VariableDeclarationList) => {
    const [from, to] = [list.getStart(), list.declarations[0].getStart()];
    edits.push({ from, to, text: 'const'.padEnd(to - from) });
  };
  const visit = (node: Node): void => {
    node.forEachChild(visit);
    if (ts.isForOfStatement(node) && ts.isBlock(node.statement)) {
      const using = usingOf(node.initializer);
      if (!using) return;
      writeConst(using.list);
      const scope = scopeOf(node.statement, using.isAsync);
      scope.first = ` ${scope.name}.add(${using.list.declarations[0].name.getText()}, ${using.isAsync});`;
    }
    if (!ts.isVariableStatement(node)) return;
    const using = usingOf(node.declarationList);
    if (!using || !(ts.isSourceFile(node.parent) || ts.isBlock(node.parent))) return;
    const { list, isAsync } = using;
    const scope = ts.isBlock(node.parent) ? scopeOf(node.parent, isAsync).name : `${runtime}.ofCell`;
    writeConst(list);
    for (const [i, { name, end }] of list.declarations.entries()) {
      const next = list.declarations[i + 1];
      const [from, to] = next ? [end, next.getStart()] : [end, node.end];
      const lines = source.slice(from, to).replace(/[^\n]/g, '');
      const text = `; void ${scope}.add(${name.getText()}, ${isAsync});${next ? ' const ' : ''}${lines}`;
      edits.push({ from, to, text });
    }
  };
  visit(parse(source));
  for (const [block, { name, isAsync, first }] of scopes) {
    const end = isAsync ? `await ${name}.endAsync()` : `${name}.end()`;
    const close = ` } catch ($error) { throw ${name}.failed($error); } finally { ${end}; } `;
    const open = ` const ${name} = new (${runtime}.Disposables)(); try {${first}`;
    edits.unshift({ from: block.end - 1, to: block.end - 1, text: close });
    edits.push({ from: block.getStart() + 1, to: block.getStart() + 1, text: open });
  }
  return edited(source, edits);
}
