import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../core/errors';
import { writeFileAtomic } from '../../core/files';
import { enginesFolder } from './folders';

const choiceSchema = z.object({ engine: z.string() });

/** The project's engine, as `mnn engine use` wrote it; undefined where none was chosen. */
export function readChoice(): string | undefined {
  const path = choicePath();
  if (!existsSync(path)) return undefined;
  try {
    return choiceSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).engine;
  } catch {
    throw new UserError(`${path} is damaged. Choose again: npx mnn engine use auto`);
  }
}

/** Makes an engine the project's choice; undefined takes the choice back. */
export function writeChoice(engine: string | undefined): void {
  if (engine === undefined) rmSync(choicePath(), { force: true });
  else writeFileAtomic(choicePath(), `${JSON.stringify({ engine })}\n`);
}

function choicePath(): string {
  return join(enginesFolder(), 'choice.json');
}
