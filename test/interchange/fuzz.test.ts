import assert from 'node:assert/strict';
import { fuzz, interchangeReaders } from './fuzz';

describe('Mutated files', () => {
  for (const reader of interchangeReaders()) {
    // bench/fuzz-pth.ts tries many more.
    it(`are read or refused with a message: ${reader.name}`, async () => {
      for (const { bytes } of reader.seeds) await reader.read(bytes);
      const { problems, refused } = await fuzz(reader, 60);
      assert.deepEqual(problems, []);
      assert.ok(refused > 20);
    });
  }
});
