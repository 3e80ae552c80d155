import { Command } from 'commander';
import { listMethods, methodOptions } from '../../methods';

/** `mnn methods`: what can be trained. */
export function methodsCommand(): Command {
  return new Command('methods').description('the methods, their sources, views and options').action(() => {
    for (const method of listMethods()) {
      const settings = methodOptions(method.name, {});
      console.log(`${method.name}: ${method.title}\n  source   ${method.source}`);
      console.log(`  views    ${method.views(settings).join(', ')}`);
    }
  });
}
