import type { NamedVariables } from '../models';
import { prefixed } from '../models';
import type { MemoryBank } from './memory-bank';
import type { Learner } from './method';
import type { Networks } from './networks';

/** A learner of these networks and banks; what they hold is what a resumed run finds again. */
export function makeLearner(
  networks: Networks,
  banks: Record<string, MemoryBank>,
  step: Learner['step'],
): Learner {
  const bankState = Object.entries(banks).map(([name, bank]): [string, NamedVariables] => [
    name,
    bank.variables(),
  ]);
  return {
    backbone: networks.backbone,
    parameters: () => networks.parameters(),
    state: () => new Map([...networks.state(), ...prefixed(bankState)]),
    counters: () => ({ ...banks }),
    step,
  };
}
