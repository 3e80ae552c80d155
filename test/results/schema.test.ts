import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { publishedSchemas } from '../../lib/results';

for (const { path, json } of publishedSchemas()) {
  describe(`JSON Schema ${basename(path)}`, () => {
    it('stands in results/schema as the code has it', () => {
      const remedy = `Out of date. Run: npx tsx -e "require('./lib/results').writeSchemas()"`;
      assert.ok(readFileSync(path, 'utf8') === json, remedy);
    });

    it('allows no unknown fields and demands the known ones, apart from what older records lack', () => {
      const schema = JSON.parse(json);
      assert.equal(schema.additionalProperties, false);
      const demanded = Object.keys(schema.properties).filter((field) => field !== 'predictions');
      assert.deepEqual(schema.required, demanded);
    });
  });
}
