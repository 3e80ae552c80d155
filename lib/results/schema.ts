import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '../core/files';
import { projectRoot } from '../core/paths';
import { EVALUATION_VERSION, evaluationRecordSchema } from './evaluation';
import { PARTIAL_VERSION, partialRecordSchema } from './partial';
import { RECORD_VERSION, runRecordSchema } from './record';

/** A format of files that the kit writes, published for readers in other languages. */
export interface PublishedSchema {
  path: string;
  /** The format as JSON Schema. */
  json: string;
}

/** The formats that stand in `results/schema`. */
export function publishedSchemas(): PublishedSchema[] {
  return [
    publish('run record', 'run-record', RECORD_VERSION, runRecordSchema),
    publish('partial record', 'partial-record', PARTIAL_VERSION, partialRecordSchema),
    publish('evaluation record', 'evaluation-record', EVALUATION_VERSION, evaluationRecordSchema),
  ];
}

/** Writes every JSON Schema to its place; to be called after a change of a format. */
export function writeSchemas(): void {
  for (const { path, json } of publishedSchemas()) writeFileAtomic(path, json);
}

function publish(title: string, file: string, version: number, format: z.ZodType): PublishedSchema {
  const schema = { title: `MNN Kit ${title}, version ${version}`, ...z.toJSONSchema(format) };
  return {
    path: join(projectRoot, 'results', 'schema', `${file}-v${version}.json`),
    json: `${JSON.stringify(schema, null, 2)}\n`,
  };
}
