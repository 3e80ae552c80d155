// Proves a native engine in a process of its own, which a wrong library may crash or hang:
//   child.ts <tfjs-node's folder> <the kit's operations, or nothing> <precision>
// It prints a line of JSON before each computation and at the end of each part.
import { writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Kernels } from '../kernels/kernels';
import { compiledKernels } from '../native/compiled';
import { nativeKernels } from '../native/kernels';
import { requireTensorFlow } from '../native/tensorflow';
import { battery, type Computation, fault, tensorflowBattery, tolerances } from './battery';
import type { Line } from './proof';

/** Written at once: what is printed last names what a crash happened in. */
function print(line: Line): void {
  writeSync(1, `${JSON.stringify(line)}\n`);
}

/** Compares one computation after the other; ends at the first that is wrong. Returns whether none is. */
async function prove(
  part: 'tensorflow' | 'operations',
  batteries: Generator<Computation>[],
): Promise<boolean> {
  const tolerance = tolerances[process.argv[4] as keyof typeof tolerances];
  let computations = 0;
  for (const each of batteries)
    for (const computation of each) {
      print({ part, at: computation.what });
      const wrong = await fault(computation, tolerance).catch(
        (error: Error) => `${computation.what}: ${error.message.replaceAll('\n', ' ')}`,
      );
      computations++;
      if (wrong !== undefined) {
        print({ part, computations, wrong });
        return false;
      }
    }
  print({ part, computations, wrong: null });
  return true;
}

async function main(): Promise<void> {
  const [, , folder, operations] = process.argv;
  print({ part: 'tensorflow', at: 'loading it' });
  const { version, device } = requireTensorFlow(folder);
  print({ version, device });
  const right = await prove('tensorflow', [battery(nativeKernels), tensorflowBattery()]);
  if (!right || !operations || device === 'GPU') return;
  print({ part: 'operations', at: 'loading them' });
  let kernels: Kernels;
  try {
    kernels = compiledKernels(require(operations).start(availableParallelism()));
  } catch (error) {
    print({ part: 'operations', computations: 0, wrong: `they do not load: ${(error as Error).message}` });
    return;
  }
  await prove('operations', [battery(kernels)]);
}

main().catch((error: Error) => {
  print({ error: error.message.split('\n')[0] });
  process.exitCode = 1;
});
