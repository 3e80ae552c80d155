// The whole library, as notebooks and scripts import it.

export * as augment from './augment';
export * from './data';
export * from './engine';
export * from './errors';
export * from './evaluation';
export * from './figures';
export * from './interchange';
export * from './methods';
export * from './models';
export * from './notebook';
export * from './paper';
export * from './random';
export * from './report';
export * from './results';
export * from './run-lock';
export * from './runs';
export * from './sweep';
export * from './training';
