import assert from 'node:assert/strict';
import { describeEachEngine } from '../engines';
import { featuresOf, knownRounding, modes, relativeError } from './rounding';

/** Winograd's algorithm rounds more than plain sums do; sums in blocks round less. */
const allowedRatio = 2.5;

describeEachEngine(
  'Rounding of the whole backbone of width 64',
  () => {
    for (const mode of modes) {
      it(`is at most ${allowedRatio} times that of plain float32, in ${mode} mode`, async () => {
        const { features, plainError } = knownRounding()[mode];
        const error = relativeError(await featuresOf(mode), features);
        assert.ok(
          error <= allowedRatio * plainError,
          `an error of ${error.toExponential(2)} where plain float32 has ${plainError.toExponential(2)}`,
        );
      });
    }
  },
  { training: true },
);
