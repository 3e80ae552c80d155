import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '../core/errors';
import { projectRoot } from '../core/package-root';
import type { Source } from './sources';

/** The folder that datasets are kept in: the one given, else MNN_DATA, else `data` in the project. */
export function dataFolder(given?: string): string {
  return resolve(given ?? process.env.MNN_DATA ?? join(projectRoot, 'data'));
}

/** The folder of a dataset's files: `folder` itself where it holds them, else the dataset's own folder in it. */
export function findDataset(source: Source, folder: string): string | undefined {
  const landmarks = source.tree?.landmarks ?? source.members.map(({ name }) => name);
  return [join(folder, source.folder), folder].find((candidate) =>
    landmarks.some((name) => existsSync(join(candidate, name))),
  );
}

/** The error for a dataset that is not there: says where it was looked for and how to get it. */
export function missingDataset({ name, title, folder, archive }: Source, where: string): UserError {
  return new UserError(
    `${title} is not in ${where} (no ${folder} there). Get it with \`npx mnn data fetch ${name}\`, or, with ` +
      `${archive.file} or its unpacked folder at hand, \`npx mnn data fetch ${name} --from <archive or folder>\`. ` +
      'If it lies elsewhere, name that folder with --data.',
  );
}
