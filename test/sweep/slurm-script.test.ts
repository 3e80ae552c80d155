import assert from 'node:assert/strict';
import { defaultTemplate } from '../../lib/sweep';
import { slurmScripts } from '../../lib/sweep/slurm';
import {
  arrayParts,
  arraySpec,
  batchScript,
  checkTemplate,
  checkTimeLimit,
  shellWord,
} from '../../lib/sweep/slurm-script';

describe('The batch script of a sweep', () => {
  const options = {
    request: { partition: 'gpu', gres: 'gpu:1', time: '04:00:00', cpusPerTask: '8' },
    command: ['/usr/bin/node', "/shared/the kit's/mnn.cjs"],
    taskArguments: ['--data', '/shared/data'],
    maxParallel: 16,
  };

  it('asks for what the command line asks for, a warning before the time limit, and a place in the queue again', () => {
    const [{ script }] = slurmScripts('/shared/linear.json', [0, 1, 2, 5], options, 1001);
    assert.equal(
      script,
      `#!/bin/bash
#SBATCH --job-name=mnn-linear
#SBATCH --array=0-2,5%16
#SBATCH --output=/shared/linear.sweep/logs/slurm-%A_%a.log
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
#SBATCH --partition=gpu
#SBATCH --gres=gpu:1
#SBATCH --time=04:00:00
#SBATCH --cpus-per-task=8
exec /usr/bin/node '/shared/the kit'\\''s/mnn.cjs' sweep task /shared/linear.json "$SLURM_ARRAY_TASK_ID" --threads "$SLURM_CPUS_ON_NODE" --data /shared/data
`,
    );
  });

  it('takes a plan in any folder whose name Slurm can write to', () => {
    const scriptOf = (file: string) => slurmScripts(file, [0], options, 1001)[0].script;
    const script = scriptOf("/my disk/50%A it's/linear.json");
    assert.ok(
      script.includes("--output='/my disk/50%%A it'\\''s/linear.sweep/logs/slurm-%A_%a.log'\n"),
      script,
    );
    assert.throws(() => scriptOf('/back\\slash/linear.json'), /backslash in its name/);
  });

  it('leaves no line for options that are not given, and takes a number of threads that is', () => {
    const given = { ...options, request: {}, taskArguments: ['--threads', '2'] };
    const [{ script }] = slurmScripts('/shared/linear.json', [0], given, 1001);
    assert.match(script, /USR1@120\nexec .* "\$SLURM_ARRAY_TASK_ID" --threads 2\n$/);
  });

  it('is several where there are more runs than an array has numbers, which share what may run at once', () => {
    const indices = Array.from({ length: 1002 }, (_, i) => i);
    const scripts = slurmScripts('/shared/linear.json', indices, options, 1001).map(({ script }) => script);
    assert.equal(scripts.length, 2);
    assert.match(scripts[0], /--array=0-1000%8\n/);
    assert.match(scripts[1], /--array=0%8\n.*"\$\(\(SLURM_ARRAY_TASK_ID \+ 1001\)\)"/s);
  });

  it('names the numbers of an array in ranges, and counts each array from its own offset', () => {
    assert.equal(arraySpec([7, 0, 1, 2, 9, 8]), '0-2,7-9');
    assert.equal(arraySpec([4], 2), '4%2');
    assert.deepEqual(arrayParts([3, 10, 12, 25], 10), [
      { offset: 0, indices: [3] },
      { offset: 10, indices: [10, 12] },
      { offset: 20, indices: [25] },
    ]);
  });

  it('has a time limit in which a task gets somewhere, in any form that Slurm takes', () => {
    for (const limit of [
      '5',
      '5:00',
      '0:05:00',
      '04:00:00',
      '0-1',
      '1-0',
      '0-0:5',
      '0-0:4:60',
      '0',
      'UNLIMITED',
    ])
      checkTimeLimit(limit);
    for (const limit of ['4', '4:59', '0:04:59', '0-0', '0-0:4', '0-0:4:59'])
      assert.throws(() => checkTimeLimit(limit), /too short.*5 minutes or more/, limit);
    for (const limit of ['4h', '', '1:2:3:4', '1.5', '1-', ':5'])
      assert.throws(() => checkTimeLimit(limit), /give minutes, minutes:seconds/, limit);
    const hasty = { ...options, request: { time: '3' } };
    assert.throws(() => slurmScripts('/shared/linear.json', [0], hasty, 1001), /--time 3 is too short/);
  });

  it('has words that a shell reads back as they were', () => {
    assert.equal(shellWord('--data=/a/b-c.d'), '--data=/a/b-c.d');
    assert.equal(shellWord("it's $HOME"), `'it'\\''s $HOME'`);
  });
});

describe('A batch script of the user', () => {
  const own = (change: (text: string) => string) => change(defaultTemplate);
  const check = (change: (text: string) => string) => checkTemplate(own(change), 'own.sh');

  it('is filled in at its placeholders', () => {
    const template =
      '#!/bin/sh\n#SBATCH --array={{array}}\n#SBATCH -o {{log}}\nmodule load cuda\nexec {{command}}\n';
    const parts = { name: 'n', array: '0-3', log: '/l', command: 'true', request: {} };
    assert.equal(
      batchScript(parts, template),
      '#!/bin/sh\n#SBATCH --array=0-3\n#SBATCH -o /l\nmodule load cuda\nexec true\n',
    );
    assert.throws(
      () => batchScript({ ...parts, request: { partition: 'gpu', mem: '4G' } }, template),
      /no \{\{options\}\} for --partition, --mem/,
    );
  });

  it('is refused where a placeholder is unknown or missing, or a signal would not reach the task', () => {
    assert.deepEqual(
      check((text) => text),
      [],
    );
    assert.throws(
      () => check((text) => `${text}{{comand}}`),
      /Unknown placeholder of own\.sh 'comand'.*command/,
    );
    assert.throws(() => check((text) => text.replace('{{log}}', 'x')), /own\.sh has no \{\{log\}\}/);
    assert.throws(() => check((text) => text.replace('exec ', '')), /begin with 'exec '/);
    assert.throws(() => check((text) => text.slice(1)), /begin with the shell's line/);
  });

  it('is taken with a note where a task would not save or begin again', () => {
    const notes = check((text) => text.replace(/^.*--signal.*\n/m, '').replace(/^.*--requeue\n/m, ''));
    assert.deepEqual(
      notes.map((note) => note.match(/--[a-z-]+/)?.[0]),
      ['--signal', '--requeue'],
    );
  });
});
