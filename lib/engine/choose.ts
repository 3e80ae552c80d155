import { unknownName } from '../core/errors';
import { engineNames } from './engine';
import { writeChoice } from './install/choice';

/**
 * Makes an engine the project's choice; 'auto' takes the choice back. `--engine` and MNN_ENGINE go before it.
 * @throws UserError if the engine is unknown.
 */
export function chooseEngine(name: string): void {
  if (name !== 'auto' && !engineNames.some((known) => known === name)) {
    throw unknownName('engine', name, ['auto', ...engineNames]);
  }
  writeChoice(name === 'auto' ? undefined : name);
}
