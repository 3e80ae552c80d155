import { UserError } from '../core/errors';
import { declaredVariables } from './cell-source';
import { type Cell, cellSource, type Notebook } from './format';

export type ParameterValue =
  | string
  | number
  | boolean
  | null
  | ParameterValue[]
  | { [name: string]: ParameterValue };

const parametersTag = 'parameters';
const injectedTag = 'injected-parameters';

/**
 * The notebook with new values for constants of its `parameters` cell, in a cell of their own right after it,
 * as papermill does. Without values, such a cell of an earlier run goes.
 */
export function setParameters(
  notebook: Notebook,
  values: Record<string, ParameterValue>,
  file: string,
): Notebook {
  const cells = notebook.cells.filter((cell) => !hasTag(cell, injectedTag));
  if (Object.keys(values).length === 0) return { ...notebook, cells };
  const place = cells.findIndex((cell) => hasTag(cell, parametersTag));
  const known = declaredVariables(place < 0 ? '' : cellSource(cells[place]));
  const unknown = Object.keys(values).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new UserError(
      `${file} has no parameter ${unknown.join(', ')}. ` +
        (place < 0
          ? `Tag a cell '${parametersTag}' and declare it there.`
          : `Its parameters: ${[...known.keys()].join(', ')}.`),
    );
  }
  return { ...notebook, cells: cells.toSpliced(place + 1, 0, injectedCell(values, known, notebook)) };
}

/**
 * Name and value of `name=value`: a value that is JSON, such as 3, true, null, ["mnn"] or {"k": 5}, is taken as such,
 * any other as text.
 * @throws UserError where there is no name or no =.
 */
export function parseParameter(text: string): [string, ParameterValue] {
  const [, name, value] = /^([\w$]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new UserError(`'${text}' is not of the form name=value.`);
  return [name, parseValue(value)];
}

function parseValue(text: string): ParameterValue {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** @param types of the names, where the notebook gives them one: null would be the whole type of a name otherwise. */
function injectedCell(
  values: Record<string, ParameterValue>,
  types: ReadonlyMap<string, string | undefined>,
  { nbformat_minor }: Notebook,
): Cell {
  const source = Object.entries(values).map(([name, value]) => {
    const type = types.get(name);
    return `const ${name}${type ? `: ${type}` : ''} = ${JSON.stringify(value)};`;
  });
  const cell: Cell = { cell_type: 'code', metadata: { tags: [injectedTag] }, source: source.join('\n') };
  // Cells have ids from nbformat 4.5 on, and must not before.
  return nbformat_minor >= 5 ? { ...cell, id: injectedTag } : cell;
}

function hasTag(cell: Cell, tag: string): boolean {
  return cell.metadata.tags?.includes(tag) ?? false;
}
