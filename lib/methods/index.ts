export { MemoryBank, type Neighbours } from './memory-bank';
export type { Batch, Learner, Method, StepDraws, StepResult, ViewKind } from './method';
export { mnn, mnnLoss } from './mnn';
export { msf, msfLoss } from './msf';
export { distances, type Mixing, mixings, mixNeighbours } from './neighbour-mixing';
export { normalize } from './normalize';
export { createLearner, findMethod, listMethods, methodOptions } from './registry';
