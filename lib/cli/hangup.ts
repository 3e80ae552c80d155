import { closeSync, openSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { isatty } from 'node:tty';

let answer: boolean | undefined;

/**
 * Whether this process was started to outlive its terminal, with nohup for example: SIGHUP then means nothing to it.
 * Node gives an ignored SIGHUP its default again before any JavaScript runs, so what else nohup and shells leave behind
 * has to tell. To be asked first while the terminal is there.
 */
export function outlivesTerminal(): boolean {
  answer ??= startedByNohup() || isAwayFromTerminal() || shellIgnoresHangup();
  return answer;
}

/** Bash and zsh name the program that they start; GNU's nohup gives it a standard input that cannot be read. */
function startedByNohup(): boolean {
  if (basename(process.env._ ?? '') === 'nohup') return true;
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))?.[1] ?? '0';
    const isWriteOnly = (Number.parseInt(flags, 8) & 0o3) === 1;
    return isWriteOnly && readlinkSync('/proc/self/fd/0') === '/dev/null';
  } catch {
    return false;
  }
}

/** There is a terminal, and nothing is read from it or written to it. */
function isAwayFromTerminal(): boolean {
  if ([0, 1, 2].some((file) => isatty(file))) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/** A script under nohup, or after `trap '' HUP`, hands that on to what it starts. */
function shellIgnoresHangup(): boolean {
  try {
    const session = statusOf('self').session;
    for (let { parent } = statusOf('self'); parent > 1; ) {
      const shell = statusOf(String(parent));
      if (shell.session !== session) return false;
      if (shell.ignoresHangup) return true;
      parent = shell.parent;
    }
  } catch {
    // Not Linux, or a process that ended just now.
  }
  return false;
}

function statusOf(pid: string): { parent: number; session: string; ignoresHangup: boolean } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before may hold spaces and brackets.
  const [, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ignored = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return { parent: Number(parent), session, ignoresHangup: (BigInt(`0x${ignored}`) & 1n) === 1n };
}
