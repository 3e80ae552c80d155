import { installSource } from '../../../lib/data/install/install';

/** Run as a process of its own: installs, and kills itself without warning when a piece of work is so far. */
const { source, dataFolder, work, share } = JSON.parse(process.argv[2]);
installSource(source, {
  dataFolder,
  onProgress: (done, total, now) => {
    if (now === work && done >= share * total) process.kill(process.pid, 'SIGKILL');
  },
});
