// The whole library, as notebooks and scripts import it.

export * as augment from './augment';
export * from './config/run-config';
export { type ByteSource, bufferSource, printable, withFile } from './core/byte-source';
export * from './core/errors';
export * from './core/lock';
export * from './core/random';
export { formatTable, type Table, type TableColumn, type TableFormat, tableFormats } from './core/table';
export { escapeHtml, formatDuration } from './core/text';

export * from './data';
export * from './data/install';
export * from './engine';
export * from './evaluation';
export * from './figures';
export * from './interchange';
export * from './methods';
export * from './models';
export * from './notebook';
export * from './paper';
export * from './presets';
export * from './report';
export * from './results';
export * from './runs';
export * from './sweep';
export * from './training';
