import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { recordJsonSchema, recordSchemaPath } from '../../lib/results';

describe('JSON Schema of the run record', () => {
  it('stands in results/schema as the code has it', () => {
    const remedy = `Out of date. Run: npx tsx -e "require('./lib/results').writeRecordSchema()"`;
    assert.ok(readFileSync(recordSchemaPath(), 'utf8') === recordJsonSchema(), remedy);
  });

  it('allows no unknown fields and demands the known ones', () => {
    const schema = JSON.parse(recordJsonSchema());
    assert.equal(schema.additionalProperties, false);
    assert.deepEqual(schema.required, Object.keys(schema.properties));
  });
});
