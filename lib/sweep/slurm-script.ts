import { UserError, unknownName } from '../core/errors';

/** What a sweep asks Slurm for, as sbatch's options of the same names. */
export interface SlurmRequest {
  partition?: string;
  gres?: string;
  time?: string;
  account?: string;
  qos?: string;
  cpusPerTask?: string;
  mem?: string;
}

/** What a script is made of. */
export interface ScriptParts {
  name: string;
  /** As sbatch's --array wants it. */
  array: string;
  /** File of a task's output, with Slurm's %A and %a. */
  log: string;
  /** What a task runs, ready for a shell. */
  command: string;
  request: SlurmRequest;
}

/** Seconds before the time limit in which a task saves and has itself put into the queue again. */
const warningSeconds = 120;

/** A limit below leaves a task hardly time for more than its start. */
const minMinutes = 5;

/**
 * The script of one array. `exec` makes the task the batch shell itself, which is what Slurm's warning goes to.
 */
export const defaultTemplate = `#!/bin/bash
#SBATCH --job-name={{name}}
#SBATCH --array={{array}}
#SBATCH --output={{log}}
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@${warningSeconds}
{{options}}
exec {{command}}
`;

const placeholders = ['name', 'array', 'log', 'options', 'command'];
const needed = ['array', 'log', 'command'];

/**
 * Checks a template of the user's.
 * @returns what works, but not as it might.
 * @throws UserError for an unknown placeholder, a missing one, or a command that Slurm's signals would not reach.
 */
export function checkTemplate(template: string, file: string): string[] {
  const used = [...template.matchAll(/\{\{(.*?)\}\}/g)].map(([, name]) => name);
  for (const name of used)
    if (!placeholders.includes(name)) throw unknownName(`placeholder of ${file}`, name, placeholders);
  for (const name of needed)
    if (!used.includes(name)) throw new UserError(`${file} has no {{${name}}}: a sweep needs it there.`);
  if (!template.startsWith('#!'))
    throw new UserError(
      `${file} has to begin with the shell's line, #!/bin/bash for example: sbatch demands it.`,
    );
  if (!/^exec .*\{\{command\}\}/m.test(template)) {
    throw new UserError(
      `${file}: the line of {{command}} has to begin with 'exec ', so that Slurm's signals reach the task.`,
    );
  }
  const wanted: [RegExp, string][] = [
    [
      /^#SBATCH +--signal[= ]B:USR1@\d+/m,
      '--signal=B:USR1@120: a task that meets its time limit does not save',
    ],
    [/^#SBATCH +--requeue/m, '--requeue: a task is not put into the queue again'],
    [/^#SBATCH +--open-mode[= ]append/m, '--open-mode=append: a task that begins again empties its log'],
  ];
  return wanted.filter(([line]) => !line.test(template)).map(([, what]) => `${file} has no #SBATCH ${what}.`);
}

/** @throws UserError where something is asked for that the template has no place for. */
export function batchScript({ request, ...parts }: ScriptParts, template: string = defaultTemplate): string {
  const asked = Object.entries(request).filter(([, value]) => value !== undefined);
  if (asked.length > 0 && !template.includes('{{options}}')) {
    throw new UserError(
      `The template has no {{options}} for ${asked.map(([name]) => flagOf(name)).join(', ')}: add it, or leave these ` +
        'out and write them into the template.',
    );
  }
  const options = asked.map(([name, value]) => `#SBATCH ${flagOf(name)}=${shellWord(value)}`);
  // sbatch reads the quotes of its own lines as a shell does.
  const values: Record<string, string> = { ...parts, log: shellWord(parts.log), options: options.join('\n') };
  return template
    .replace(/^\{\{options\}\}\n/m, options.length > 0 ? '{{options}}\n' : '')
    .replace(/\{\{(\w+)\}\}/g, (_, name) => values[name]);
}

/**
 * Checks a time limit, in the forms of sbatch's --time.
 * @throws UserError for one in no such form, or too short for a task to begin, save and go back into the queue.
 */
export function checkTimeLimit(limit: string): void {
  const seconds = limitSeconds(limit);
  if (seconds === undefined) {
    throw new UserError(
      `--time ${limit}: give minutes, minutes:seconds, hours:minutes:seconds, or days-hours, which :minutes and ` +
        ':seconds may follow.',
    );
  }
  if (seconds < 60 * minMinutes) {
    throw new UserError(
      `--time ${limit} is too short: a task saves ${warningSeconds} s before its limit and goes back into the queue, ` +
        `and has to get somewhere until then. Give ${minMinutes} minutes or more.`,
    );
  }
}

/** undefined where Slurm would not understand it. */
function limitSeconds(limit: string): number | undefined {
  // Slurm takes 0 for none.
  if (/^(unlimited|infinite|-1|0+)$/i.test(limit)) return Infinity;
  const withDays = /^(\d+)-(\d+)(?::(\d+))?(?::(\d+))?$/.exec(limit);
  if (withDays) return secondsOf(withDays.slice(1));
  const [, hours, minutes, seconds] = /^(?:(\d+):(?=\d+:))?(\d+)(?::(\d+))?$/.exec(limit) ?? [];
  return minutes === undefined ? undefined : secondsOf(['0', hours, minutes, seconds]);
}

function secondsOf(parts: readonly (string | undefined)[]): number {
  const [days, hours, minutes, seconds] = parts.map((part = '0') => Number(part));
  return ((24 * days + hours) * 60 + minutes) * 60 + seconds;
}

/** The flag of an option's name: `--cpus-per-task` of `cpusPerTask`. */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Numbers as sbatch's --array has them: `0-7,9%4`. */
export function arraySpec(numbers: readonly number[], concurrency?: number): string {
  const ranges: [number, number][] = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  const text = ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
  return concurrency === undefined ? text : `${text}%${concurrency}`;
}

/** A part of the runs that fits one array: its tasks count from `offset`. */
export interface ArrayPart {
  offset: number;
  indices: number[];
}

/** Cuts runs into arrays whose largest task number is below Slurm's MaxArraySize. */
export function arrayParts(indices: readonly number[], maxArraySize: number): ArrayPart[] {
  const parts = new Map<number, number[]>();
  for (const index of indices) {
    const offset = Math.floor(index / maxArraySize) * maxArraySize;
    parts.set(offset, [...(parts.get(offset) ?? []), index]);
  }
  return [...parts].map(([offset, own]) => ({ offset, indices: own }));
}

/** A word as a POSIX shell reads it back. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
