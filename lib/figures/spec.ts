import type { Theme } from './theme';
/** A Vega-Lite 5 chart. Kept loose on purpose: Vega-Lite's own types are many and slow to check in a notebook. */
export interface ChartSpec {
  $schema: string;
  title?: { text: string; subtitle?: string | string[] };
  description?: string;
  config?: Record<string, unknown>;
  [key: string]: unknown;
}

/** A part of a chart. */
export type Layer = Record<string, unknown>;

/** A place in pixels from the top left, not on a scale. */
export function pixel(field: string): Layer {
  return { field, type: 'quantitative', scale: null, axis: null };
}

/** The schema that JupyterLab, GitHub and Vega's editor recognize. */
export const vegaLiteSchema = 'https://vega.github.io/schema/vega-lite/v5.json';

/** What every figure can be told. */
export interface FigureOptions {
  /** Default light. */
  theme?: Theme;
  /** Width of the plots together, or of the drawing, in pixels; axes and labels come on top. */
  width?: number;
}
