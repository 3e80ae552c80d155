import assert from 'node:assert/strict';
import type { StepDraws } from '../../lib/methods';

/** Fails where anything random is asked for. */
export const noDraws: StepDraws = {
  permutation: () => assert.fail('nothing is shuffled'),
  uniform: () => assert.fail('nothing is drawn'),
};

export function float64({ dtype }: { dtype: string }): boolean {
  return dtype === 'float64';
}
