import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IJob, Job } from 'kubernetes-models/batch/v1';
import { parse } from 'yaml';
import { projectRoot } from '../../lib/core/paths';

describe('The template of a Kubernetes job', () => {
  const read = (): IJob => parse(readFileSync(join(projectRoot, 'docs', 'kubernetes-job.yaml'), 'utf8'));

  it('is a batch/v1 Job by its schema', () => {
    new Job(read()).validate();
    const wrong = read();
    wrong.spec!.completions = 'many' as never;
    assert.throws(() => new Job(wrong).validate(), /completions must be integer/);
  });

  it('makes the run of its own number, with time to save, and does not count a saved run as a failure', () => {
    const { completionMode, template, podFailurePolicy } = read().spec!;
    assert.equal(completionMode, 'Indexed');
    const { command } = template.spec!.containers[0];
    assert.deepEqual(command!.slice(0, 6), [
      'node',
      'lib/cli/mnn.cjs',
      'sweep',
      'task',
      '/shared/plan.json',
      '$(JOB_COMPLETION_INDEX)',
    ]);
    assert.ok(template.spec!.terminationGracePeriodSeconds! >= 60);
    assert.deepEqual(podFailurePolicy!.rules.at(-1)!.onExitCodes!.values, [75]);
  });
});
