/**
 * Ends the process when a pipe that it writes to is closed, as other programs end: without a message and with the
 * status of SIGPIPE. What answers SIGTERM by saving its state, a run for example, is asked to do that first.
 */
export function endWithPipe(): void {
  let isOver = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (isOver) return;
      isOver = true;
      if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
      else process.exit(141);
    });
  }
}
