// Mutated files for the readers of PyTorch's files and of networks: each mutant has to be read or refused with a
// message, within a second and without filling the memory.
//
//   npx tsx bench/fuzz-pth.ts -- [--count 10000] [--first 0] [--reader pickle]
import { parseArgs } from 'node:util';
import { fuzz, interchangeReaders } from '../test/interchange/fuzz';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    first: { type: 'string', default: '0' },
    reader: { type: 'string' },
  },
  allowPositionals: true,
});

async function main(): Promise<void> {
  console.log('   tried  accepted   refused  problems  slowest ms  resident MB  reader');
  for (const reader of interchangeReaders()) {
    if (values.reader && reader.name !== values.reader) continue;
    const result = await fuzz(reader, Number(values.count), Number(values.first));
    const { tried, accepted, refused, problems, slowest } = result;
    const memory = process.memoryUsage().rss / 1e6;
    const columns = [tried, accepted, refused, problems.length].map((value) => String(value).padStart(8));
    console.log(
      `${columns.join('  ')}  ${slowest.toFixed(0).padStart(10)}  ${memory.toFixed(0).padStart(11)}  ${reader.name}`,
    );
    for (const problem of problems.slice(0, 5)) console.log(problem);
    if (problems.length > 0 || slowest > 1000) process.exitCode = 1;
  }
}

main();
