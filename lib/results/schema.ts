import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../atomic-write';
import { projectRoot } from '../package-root';
import { RECORD_VERSION, runRecordSchema } from './record';

/** Where the record format is published for readers in other languages. */
export function recordSchemaPath(): string {
  return join(projectRoot, 'results', 'schema', `run-record-v${RECORD_VERSION}.json`);
}

/** The record format as JSON Schema, as it stands in `results/schema/`. */
export function recordJsonSchema(): string {
  const schema = {
    title: `MNN Kit run record, version ${RECORD_VERSION}`,
    ...z.toJSONSchema(runRecordSchema),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

/** Writes the JSON Schema to its place; to be called after a change of the format. */
export function writeRecordSchema(): void {
  writeFileAtomic(recordSchemaPath(), recordJsonSchema());
}
