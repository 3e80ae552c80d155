import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Why no Slurm can be started here; undefined where it can. */
export function noSlurm(): string | undefined {
  const missing = ['munged', 'slurmctld', 'slurmd', 'sbatch'].filter(
    (program) => spawnSync('sh', ['-c', `PATH="$PATH:/usr/sbin" command -v ${program}`]).status !== 0,
  );
  if (missing.length > 0) return `not installed: ${missing.join(', ')} (Debian: slurm-wlm and munge)`;
  return process.getuid?.() === 0 ? undefined : 'slurmd has to be started by root';
}

/** A Slurm of one node on the loopback interface, with everything it has in a folder of its own. */
export interface SlurmCluster {
  /** Lets Slurm's programs find it; also set in this process. */
  stop(): Promise<void>;
  /** Its output so far, for when something goes wrong. */
  logs(): string;
}

/**
 * Starts munged, slurmctld and slurmd on free ports, and points this process's environment to them.
 * @param cpus of the node: tasks that run at once, whatever the machine has.
 */
export async function startSlurm({ cpus = availableParallelism() } = {}): Promise<SlurmCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'mnn-slurm-'));
  chmodSync(folder, 0o755);
  const [controllerPort, nodePort] = [await freePort(), await freePort()];
  const processes: ChildProcess[] = [];
  const start = (name: string, ...args: string[]) => {
    const log = openSync(join(folder, `${name}.log`), 'a');
    const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
    processes.push(spawn(name, args, { stdio: ['ignore', log, log], env }));
  };
  const cluster: SlurmCluster = {
    async stop() {
      // The node before its controller, and both before what they identify themselves by.
      for (const child of processes.reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGTERM');
        await Promise.race([once(child, 'exit'), sleep(10_000).then(() => child.kill('SIGKILL'))]);
      }
      delete process.env.SLURM_CONF;
      rmSync(folder, { recursive: true, force: true });
    },
    logs: () =>
      ['munged', 'slurmctld', 'slurmd']
        .map((name) => join(folder, `${name}.log`))
        .filter(existsSync)
        .map((file) => `${file}\n${readFileSync(file, 'utf8').slice(-3000)}`)
        .join('\n'),
  };
  try {
    const socket = join(folder, 'munge.socket');
    writeFileSync(join(folder, 'munge.key'), randomBytes(128), { mode: 0o400 });
    const file = (name: string, value: string) => [`--${name}-file`, join(folder, value)];
    start(
      'munged',
      ...['--foreground', '--force', '--socket', socket, ...file('key', 'munge.key')],
      ...[...file('pid', 'munge.pid'), ...file('log', 'munge.log'), ...file('seed', 'munge.seed')],
    );
    await until('munged', () => existsSync(socket));
    for (const name of ['state', 'spool']) mkdirSync(join(folder, name));
    const conf = join(folder, 'slurm.conf');
    writeFileSync(conf, configuration(folder, socket, controllerPort, nodePort, cpus));
    process.env.SLURM_CONF = conf;
    start('slurmctld', '-D', '-f', conf);
    start('slurmd', '-D', '-f', conf, '-N', hostname());
    await until('the node', () => {
      const { stdout } = spawnSync('sinfo', ['-h', '-o', '%T'], { encoding: 'utf8' });
      return stdout.trim() === 'idle';
    });
    return cluster;
  } catch (error) {
    const logs = cluster.logs();
    await cluster.stop();
    throw new Error(`${(error as Error).message}\n${logs}`);
  }
}

/** State of a job's tasks, by task number, as long as Slurm knows it. */
export function taskStates(job: number): Map<number, string> {
  const text = execFileSync('squeue', ['-h', '-r', '-t', 'all', '-j', String(job), '-o', '%K %T'], {
    encoding: 'utf8',
  });
  const lines = text.split('\n').filter(Boolean);
  return new Map(lines.map((line) => [Number(line.split(' ')[0]), line.split(' ')[1]]));
}

export async function until(what: string, done: () => boolean, seconds = 60): Promise<void> {
  const end = Date.now() + 1000 * seconds;
  while (!done()) {
    if (Date.now() > end) throw new Error(`Waited ${seconds} s for ${what}.`);
    await sleep(200);
  }
}

function configuration(
  folder: string,
  socket: string,
  controllerPort: number,
  nodePort: number,
  cpus: number,
): string {
  return `ClusterName=test
SlurmctldHost=${hostname()}(127.0.0.1)
SlurmctldPort=${controllerPort}
SlurmdPort=${nodePort}
SlurmUser=root
AuthType=auth/munge
# The second also is how long a task that was put back into the queue waits.
AuthInfo=socket=${socket},cred_expire=5
CredType=cred/munge
StateSaveLocation=${join(folder, 'state')}
SlurmdSpoolDir=${join(folder, 'spool')}
SlurmctldPidFile=${join(folder, 'slurmctld.pid')}
SlurmdPidFile=${join(folder, 'slurmd.pid')}
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=5,batch_sched_delay=1,bf_interval=5
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
KillWait=10
SlurmdParameters=config_overrides
NodeName=${hostname()} NodeAddr=127.0.0.1 CPUs=${cpus} State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=INFINITE State=UP
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
