import { UserError } from '../core/errors';
import type { Notebook } from './format';
import { kernelName } from './kernel-spec';

/** Kernels of TypeScript by name: a notebook need not name the language of its kernel. */
const kernels = [kernelName, 'tslab', 'deno'];

/** @throws UserError for a notebook, or a cell of one, that is in another language than TypeScript. */
export function refuseOtherLanguage({ metadata, cells }: Notebook, file: string): void {
  const { kernelspec, language_info } = metadata as {
    kernelspec?: { name?: unknown; language?: unknown };
    language_info?: { name?: unknown };
  };
  const name = kernelspec?.name;
  const language = kernelspec?.language ?? language_info?.name;
  const isOther =
    language === undefined ? name !== undefined && !kernels.includes(String(name)) : !isOurs(language);
  if (isOther && name !== kernelName)
    throw refusal(`${file} is a notebook of ${language === undefined ? `the kernel ${name}` : language}`);
  const strange = cells.findIndex((cell) => cell.cell_type === 'code' && !isOurs(languageOf(cell.metadata)));
  if (strange >= 0)
    throw refusal(`Cell ${strange + 1} of ${file} is of ${languageOf(cells[strange].metadata)}`);
}

/** VS Code keeps the language of a cell, where it is not the notebook's. */
function languageOf({ vscode }: Record<string, unknown>): unknown {
  return (vscode as { languageId?: unknown } | undefined)?.languageId ?? 'typescript';
}

function isOurs(language: unknown): boolean {
  return String(language).toLowerCase() === 'typescript';
}

function refusal(what: string): UserError {
  return new UserError(`${what}, and this runs TypeScript. It was not touched; run it with Jupyter.`);
}
