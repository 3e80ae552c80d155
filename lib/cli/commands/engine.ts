import { Command } from 'commander';
import { UserError, unknownName } from '../../core/errors';
import { chooseEngine, diagnoseEngines, proveNative } from '../../engine';
import { installNative, installWebgpu, removeEngine } from '../../engine/install';
import { abortOnSignals, transferBar } from '../progress';
import { engineLine, proofLine } from '../run';

/** `mnn engine`: what computes, and how a faster one is got. */
export function engineCommand(): Command {
  const command = new Command('engine').description('install, list, choose and remove engines');
  command
    .command('install')
    .description("make native TensorFlow from tfjs-node and TensorFlow's library, and try it")
    .argument('[engine]', 'native or webgpu', 'native')
    .option(
      '--from <path>',
      "TensorFlow's wheel, or a folder with TensorFlow, for a machine without internet",
    )
    .option('--gpu', 'TensorFlow for NVIDIA GPUs (Linux)')
    .option('--force', 'make it again where it is there already')
    .addHelpText(
      'after',
      `
Without --from, tfjs-node's own download is tried, then TensorFlow's wheel through pip; with the wheel a C++ compiler
is needed. The engine goes to .engines in the project (about 900 MB); nothing else is changed, and one that is there
works on until the new one has been proven: what it computes is compared with values in double precision. Ends with 1 if
it cannot be had here, with 2 if it was made but does not start, with 3 if it is not right on this processor.

Examples:
  mnn engine install
  mnn engine install --from tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl
  mnn engine install --from /usr/lib/python3/site-packages`,
    )
    .action(async (name: string, options: InstallFlags) => {
      if (name === 'native') await install(options);
      else if (name === 'webgpu') console.log(await installWebgpu(stopSignal()));
      else throw unknownName('engine to install', name, ['native', 'webgpu']);
    });
  command
    .command('list')
    .description('the engines, the fastest first')
    .action(async () => {
      for (const diagnosis of await diagnoseEngines({ say: console.error }))
        console.log(engineLine(diagnosis));
    });
  command
    .command('prove')
    .description('compare what native TensorFlow computes here with double precision, again')
    .action(async () => {
      const proofs = await proveNative({ signal: stopSignal(), say: console.error });
      if (proofs.length === 0)
        throw new UserError('There is no native engine. Get it: npx mnn engine install');
      for (const { title, proof } of proofs) console.log(`${title}: ${proofLine(proof)}`);
      if (proofs.some(({ proof }) => proof.outcome.tensorflow.wrong !== null)) process.exitCode = 3;
    });
  command
    .command('use')
    .description('choose the engine of this project; --engine and MNN_ENGINE go before it')
    .argument('<engine>', 'an engine, or auto for the fastest that starts')
    .action((name: string) => {
      chooseEngine(name);
      console.log(
        name === 'auto' ? 'The fastest engine that starts is taken.' : `${name} is taken from now on.`,
      );
    });
  command
    .command('remove')
    .description('remove an installed engine')
    .argument('<engine>', 'native, or one of native-cpu and native-gpu')
    .action((name: string) => console.log(`Removed: ${removeEngine(name).join(', ')}`));
  return command;
}

interface InstallFlags {
  from?: string;
  gpu?: boolean;
  force?: boolean;
}

async function install(flags: InstallFlags): Promise<void> {
  const bar = transferBar();
  const start = performance.now();
  try {
    const { state, message } = await installNative({
      ...flags,
      signal: stopSignal(),
      say: (step) => {
        bar.stop();
        console.error(step);
      },
      onProgress: bar.update,
    });
    bar.stop();
    console.log(state === 'already' ? `${message} --force makes it again.` : message);
    if (state === 'installed') console.log(`It took ${((performance.now() - start) / 1000).toFixed(0)} s.`);
  } finally {
    bar.stop();
  }
}

function stopSignal(): AbortSignal {
  return abortOnSignals('removing what is unfinished');
}
