import assert from 'node:assert/strict';
import { UserError } from '../../lib/core/errors';

/** Passes if `work` fails with a UserError that matches every pattern. */
export async function refusedWith(work: () => unknown, ...patterns: RegExp[]): Promise<void> {
  await assert.rejects(
    async () => work(),
    (error: Error) => {
      assert.ok(error instanceof UserError, error.stack);
      for (const pattern of patterns) assert.match(error.message, pattern);
      return true;
    },
  );
}
