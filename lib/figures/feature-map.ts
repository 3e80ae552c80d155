import { UserError } from '../core/errors';
import type { FigureOptions } from './spec';
import { type ChartSpec, vegaLiteSchema } from './spec';
import { numberedStyle, themeConfig, themeInks } from './theme';

/** Points in the plane, as `project` places them, with their classes. */
export interface FeatureMapData {
  title: string;
  subtitle: string[];
  /** [count, 2], row after row. */
  points: ArrayLike<number>;
  /** [count]: numbers of classes. */
  labels: ArrayLike<number>;
  classes: readonly string[];
}

export interface FeatureMapOptions extends FigureOptions {
  /** Classes that are colored, by name; default all, of which there may be 12. The others are gray. */
  highlight?: readonly string[];
}

/** More cannot be told apart. */
const most = 12;

/**
 * Projected features, each a point in its class's color and shape. The places have no axes: only which points
 * are near each other means anything.
 * @throws UserError for more than 12 classes to be colored, or a class that there is not.
 */
export function featureMap(data: FeatureMapData, options: FeatureMapOptions = {}): ChartSpec {
  const { theme = 'light', width = 480 } = options;
  const shown = options.highlight ?? data.classes;
  checkClasses(shown, data.classes);
  const { quiet } = themeInks(theme);
  const styles = shown.map((_, i) => numberedStyle(i, theme));
  const values = Array.from(data.labels, (label, i) => ({
    x: data.points[2 * i],
    y: data.points[2 * i + 1],
    class: data.classes[label],
  }));
  const axis = { axis: null, scale: { zero: false, nice: false, padding: 8 } };
  const place = {
    x: { field: 'x', type: 'quantitative', ...axis },
    y: { field: 'y', type: 'quantitative', ...axis },
  };
  const byClass = (range: string[]) => ({
    field: 'class',
    type: 'nominal',
    scale: { domain: shown, range },
    legend: { title: null, symbolOpacity: 1, symbolSize: 110 },
  });
  return {
    $schema: vegaLiteSchema,
    title: { text: data.title, subtitle: data.subtitle },
    description: `${values.length} features in the plane, colored by class.`,
    width,
    height: width,
    layer: [
      {
        data: { values: values.filter((point) => !shown.includes(point.class)) },
        mark: { type: 'point', filled: true, size: 14, opacity: 0.35, color: quiet },
        encoding: place,
      },
      {
        data: { values: values.filter((point) => shown.includes(point.class)) },
        mark: { type: 'point', filled: true, size: values.length > 1500 ? 26 : 40, opacity: 0.75 },
        encoding: {
          ...place,
          color: byClass(styles.map(({ color }) => color)),
          shape: byClass(styles.map(({ shape }) => shape)),
        },
      },
    ],
    config: themeConfig(theme),
  };
}

function checkClasses(shown: readonly string[], classes: readonly string[]): void {
  const unknown = shown.find((name) => !classes.includes(name));
  if (unknown !== undefined) {
    throw new UserError(`There is no class '${unknown}'. Known: ${classes.join(', ')}.`);
  }
  if (shown.length <= most) return;
  throw new UserError(
    `${shown.length} classes cannot be told apart by color: choose up to ${most}, for example ` +
      `${classes.slice(0, 3).join(', ')}.`,
  );
}
