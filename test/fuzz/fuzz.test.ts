import assert from 'node:assert/strict';
import { temporaryFolder } from '../data/temporary-folder';
import { fuzz } from './fuzz';
import { readers } from './readers';

// Thousands more: npx tsx bench/fuzz.ts
describe('Damaged files are read or refused with a message', () => {
  const folder = temporaryFolder();
  for (const [name, reader] of Object.entries(readers)) {
    it(`of ${name}`, async () => {
      const { findings, refused } = await fuzz(reader, folder(), 30, 1);
      assert.deepEqual(findings, []);
      assert.ok(refused > 0);
    });
  }
});
