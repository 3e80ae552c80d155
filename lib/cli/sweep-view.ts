import { UserError } from '../core/errors';
import { type RunStatus, sweepStates } from '../sweep';

/** Lines of each state that are shown where not all are asked for. */
const shownLines = 20;

/** How a sweep stands: a sentence, and a line for each run that is at work or did not go well. */
export function statusText(statuses: readonly RunStatus[], all = false): string {
  const counts = sweepStates
    .map((state) => [state, statuses.filter((status) => status.state === state)] as const)
    .filter(([, own]) => own.length > 0);
  const sentence = counts.map(([state, own]) => `${own.length} ${state}`).join(', ');
  const told = counts.filter(([state]) => all || ['running', 'stopped', 'failed'].includes(state));
  const lines = told.flatMap(([, own]) => {
    const shown = all ? own : own.slice(0, shownLines);
    const left = own.length - shown.length;
    return [...shown.map(statusLine), ...(left > 0 ? [`         and ${left} more: --all shows them`] : [])];
  });
  return [`${statuses.length} runs: ${sentence}`, ...lines].join('\n');
}

/** A run of a sweep by its number, its id, or a part of it that no other has. @throws UserError for none or many. */
export function findStatus(statuses: readonly RunStatus[], name: string): RunStatus {
  const exact = statuses.filter(({ id, index }) => id === name || String(index) === name);
  const found = exact.length > 0 ? exact : statuses.filter(({ id }) => id.includes(name));
  if (found.length === 1) return found[0];
  const which = found.length === 0 ? 'No run' : `${found.length} runs`;
  throw new UserError(
    `${which} of the plan: ${name}. Give a number or an id: npx mnn sweep status <plan> --all`,
  );
}

function statusLine({ index, id, state, detail, log }: RunStatus): string {
  const line = `${state.padEnd(8)} ${String(index).padStart(4)} ${id}${detail ? `: ${detail}` : ''}`;
  return state === 'failed' && log ? `${line}\n              ${log}` : line;
}
