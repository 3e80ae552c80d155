import { Command } from 'commander';
import { listMethods, methodOptions } from '../../methods';

/** `mnn methods`: what can be trained. */
export function methodsCommand(): Command {
  return new Command('methods').description('the methods, their sources, views and options').action(() => {
    for (const { name, title, source, views } of listMethods()) {
      console.log(`${name}: ${title}\n  source   ${source}\n  views    ${views.join(', ')}`);
      const options = Object.entries(methodOptions(name, {}));
      if (options.length > 0)
        console.log(`  options  ${options.map(([key, value]) => `${key}=${value}`).join(' ')}`);
      console.log();
    }
  });
}
