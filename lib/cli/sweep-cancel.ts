import { UserError } from '../core/errors';
import { isHere } from '../core/lock';
import { cancelSubmissions, loadPlan, localSweeps } from '../sweep';

/**
 * Stops the sweeps of a plan on this machine and takes its tasks from Slurm; runs at work are saved.
 * @returns what it stopped.
 * @throws UserError that says so too, where something is left at work: on another machine, another user's, or on a
 * Slurm that cannot be asked here.
 */
export function cancelSweep(planFile: string): string {
  loadPlan(planFile);
  const stopped: string[] = [];
  const left: string[] = [];
  for (const holder of localSweeps(planFile)) {
    const sweep = `the sweep in process ${holder.pid}`;
    const problem = isHere(holder) ? terminate(holder.pid) : 'give the same command there';
    if (problem) left.push(`${sweep} on ${holder.host}: ${problem}`);
    else stopped.push(sweep);
  }
  try {
    stopped.push(...cancelSubmissions(planFile).map((job) => `Slurm job ${job}`));
  } catch (error) {
    left.push(`what Slurm has of the plan: ${(error as Error).message}`);
  }
  const sentence =
    stopped.length > 0
      ? `Stopping: ${stopped.join(', ')}. Runs at work are saved.`
      : 'Nothing is at work here.';
  if (left.length === 0) return sentence;
  throw new UserError([sentence, ...left.map((what) => `Not stopped: ${what}`)].join('\n'));
}

/** Why a process could not be told to end. */
function terminate(pid: number): string | undefined {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // It has ended by itself.
    if (code !== 'ESRCH') return message;
  }
  return undefined;
}
