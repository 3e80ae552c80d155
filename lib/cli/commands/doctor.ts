import { Command } from 'commander';
import { dataFolder } from '../../data';
import { listDatasets } from '../../data/install';
import { diagnoseEngines } from '../../engine';
import { diagnoseRungs } from '../../engine/install';
import { engineLine, proofLine } from '../run';

/** `mnn doctor`: what works here, what does not, and what to do about it. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('which engine runs, why the faster ones do not, and what to do about it')
    .action(async () => {
      console.log(
        `Node ${process.version} on ${process.platform} ${process.arch}\n\nEngines, the fastest first:`,
      );
      for (const diagnosis of await diagnoseEngines({ say: console.error })) {
        console.log(`  ${engineLine(diagnosis)}`);
        if (diagnosis.proof) console.log(`                 ${proofLine(diagnosis.proof)}`);
        if (diagnosis.remedy) console.log(`                 ${diagnosis.remedy}`);
      }
      console.log('\nWays to native TensorFlow, as `npx mnn engine install` tries them:');
      for (const { name, works, detail, remedy } of await diagnoseRungs()) {
        console.log(`  ${works ? 'works' : 'no   '}  ${name.padEnd(10)} ${detail}`);
        if (remedy) console.log(`                    ${remedy}`);
      }
      console.log('\nDatasets:');
      for (const { name, state, folder } of listDatasets(dataFolder())) {
        const remedy = state === 'missing' ? `npx mnn data fetch ${name}` : (folder ?? '');
        console.log(`  ${state.padEnd(10)} ${name.padEnd(14)} ${remedy}`);
      }
    });
}
