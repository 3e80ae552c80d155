import type { Options } from 'cli-progress';

/**
 * How every bar of cli-progress is drawn: the cursor stays and lines wrap as they did, so that a process that is
 * killed in the middle leaves the terminal as it found it. Lines too long for it are cut.
 */
export const terminalBar: Options = { stream: process.stderr, hideCursor: false, linewrap: true };
