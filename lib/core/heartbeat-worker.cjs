// Shows that the process lives, by writing to files; heartbeat.ts says which.
const { closeSync, openSync, writeSync } = require('node:fs');
const { parentPort } = require('node:worker_threads');

const seconds = 15;
const files = new Set();

parentPort.on('message', ({ start, stop }) => {
  files.delete(stop);
  if (!start) return;
  files.add(start);
  beat(start);
});

setInterval(() => {
  for (const file of files) beat(file);
}, 1000 * seconds);

/** Written, not touched: the time has to be that of the machine which keeps the file. Never makes one anew. */
function beat(file) {
  try {
    const handle = openSync(file, 'r+');
    try {
      writeSync(handle, '.', 0);
    } finally {
      closeSync(handle);
    }
  } catch {
    // A disk that is full or away for a moment: the next beat may succeed.
  }
}
