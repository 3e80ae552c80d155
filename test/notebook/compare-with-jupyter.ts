/**
 * Says whether notebooks give the same outputs with `jupyter execute` as in their files, by hand:
 * `npm run notebooks && npx tsx test/notebook/compare-with-jupyter.ts notebooks/*.ipynb`
 */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { codeOutputs, outputsWithJupyter } from './with-jupyter';

for (const file of process.argv.slice(2)) {
  const ours = codeOutputs(JSON.parse(readFileSync(file, 'utf8')));
  const theirs = outputsWithJupyter(file);
  const different = ours.flatMap((outputs, cell) =>
    isDeepStrictEqual(outputs, theirs[cell]) ? [] : [cell + 1],
  );
  console.log(
    `${file}: ${different.length === 0 ? 'equal outputs' : `different: code cells ${different.join(', ')}`}`,
  );
  if (different.length > 0) process.exitCode = 1;
}
