import assert from 'node:assert/strict';
import { cosineSchedule, stepSchedule } from '../../lib/training';
import { golden } from '../golden';

const { cosine_scheduler, full_runs, linear_eval_multistep_lr_per_epoch } = golden('schedules');

function expectSame(got: Float64Array, expected: number[]): void {
  assert.equal(got.length, expected.length);
  for (const [i, value] of got.entries()) {
    assert.ok(Math.abs(value - expected[i]) <= 1e-12, `${i}: ${value}, not ${expected[i]}`);
  }
}

describe('Learning rates', () => {
  for (const { args, values } of cosine_scheduler) {
    it(`follow the authors' schedule: ${JSON.stringify(args)}`, () => {
      const rates = cosineSchedule({
        baseLr: args.base_value,
        finalLr: args.final_value,
        epochs: args.epochs,
        iterationsPerEpoch: args.niter_per_ep,
        warmupEpochs: args.warmup_epochs,
        warmupStart: args.start_warmup_value,
      });
      expectSame(rates, values.data ?? values);
    });
  }

  for (const { dataset, niter_per_ep, epochs, warmup_epochs, base_value, at, values, sum } of full_runs) {
    it(`follow the paper's whole run on ${dataset}`, () => {
      const rates = cosineSchedule({
        baseLr: base_value,
        epochs,
        iterationsPerEpoch: niter_per_ep,
        warmupEpochs: warmup_epochs,
      });
      assert.equal(rates.length, epochs * niter_per_ep);
      expectSame(
        Float64Array.from(at, (iteration: number) => rates[iteration]),
        values,
      );
      const total = rates.reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(total - sum) <= 1e-9 * sum, `${total}, not ${sum}`);
    });
  }

  it('start at 0 and reach their height at the end of the warm-up', () => {
    const rates = cosineSchedule({ baseLr: 0.06, epochs: 4, iterationsPerEpoch: 5, warmupEpochs: 1 });
    assert.deepEqual([rates[0], rates[4], rates[5]], [0, 0.06, 0.06]);
  });

  it('only rise where the run ends within the warm-up', () => {
    const rates = cosineSchedule({ baseLr: 1, epochs: 1, iterationsPerEpoch: 4, warmupEpochs: 2 });
    assert.equal(rates.length, 4);
    assert.ok(rates.every((rate, i) => i === 0 || rate > rates[i - 1]));
  });

  it('are none for 0 epochs', () => {
    assert.equal(cosineSchedule({ baseLr: 1, epochs: 0, iterationsPerEpoch: 4, warmupEpochs: 1 }).length, 0);
  });

  it('of the linear evaluation fall to a tenth after each milestone', () => {
    expectSame(stepSchedule(30, 100, [60, 80]), linear_eval_multistep_lr_per_epoch);
  });
});
