import { statfsSync } from 'node:fs';
import { UserError } from './errors';

/** @throws UserError where the disk below `folder` has less free space than is needed. */
export function checkSpace(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= bytes) return;
  throw new UserError(
    `${folder} has ${megabytes(bavail * bsize)} free, where ${megabytes(bytes)} are needed. Free some space and run again.`,
  );
}

export function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}
