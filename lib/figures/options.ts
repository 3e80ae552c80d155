import type { Theme } from './theme';

/** What every figure can be told. */
export interface FigureOptions {
  /** Default light. */
  theme?: Theme;
  /** Width of the plots together, or of the drawing, in pixels; axes and labels come on top. */
  width?: number;
}
