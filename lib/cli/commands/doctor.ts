import { Command } from 'commander';
import { dataFolder, listDatasets } from '../../data';
import { diagnoseEngines } from '../../engine';

/** `mnn doctor`: what works here, what does not, and what to do about it. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('which engine runs, why the faster ones do not, and what to do about it')
    .action(async () => {
      console.log(
        `Node ${process.version} on ${process.platform} ${process.arch}\n\nEngines, the fastest first:`,
      );
      for (const { name, works, detail, remedy, chosen } of await diagnoseEngines()) {
        console.log(
          `  ${works ? 'works' : 'no   '}  ${name.padEnd(7)} ${detail}${chosen ? '   <- taken' : ''}`,
        );
        if (remedy) console.log(`                 ${remedy}`);
      }
      console.log('\nDatasets:');
      for (const { name, state, folder } of listDatasets(dataFolder())) {
        const remedy = state === 'missing' ? `npx mnn data fetch ${name}` : (folder ?? '');
        console.log(`  ${state.padEnd(10)} ${name.padEnd(14)} ${remedy}`);
      }
    });
}
