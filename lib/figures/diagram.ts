import { type ChartSpec, type Layer, vegaLiteSchema } from './spec';
import { type Theme, themeConfig } from './theme';

/** Parts of a drawing, all places in pixels from the top left. */
export interface DiagramParts {
  boxes: { x: number; y: number; width: number; height: number; fill: string; stroke: string }[];
  texts: {
    x: number;
    y: number;
    text: string;
    color: string;
    size?: number;
    bold?: boolean;
    align?: string;
  }[];
  /** Lines through points; the last one with a head unless it is bare. */
  arrows: { points: [number, number][]; color: string; width?: number; dashed?: boolean; bare?: boolean }[];
  dots: { x: number; y: number; shape: string; color: string; size?: number; hollow?: boolean }[];
}

const textSize = 12;
const dotSize = 120;
/** Length of an arrow's head. */
const head = 9;

/** A drawing as a Vega-Lite chart without scales, so that it is rendered and shown like every other figure. */
export function diagram(
  parts: DiagramParts,
  {
    title,
    description,
    width,
    height,
    theme,
  }: {
    title: ChartSpec['title'];
    description: string;
    width: number;
    height: number;
    theme: Theme;
  },
): ChartSpec {
  return {
    $schema: vegaLiteSchema,
    title,
    description,
    width,
    height,
    layer: [
      ...parts.boxes.map(box),
      ...parts.arrows.flatMap(arrow),
      ...parts.dots.map(dot),
      ...parts.texts.map(text),
    ],
    config: themeConfig(theme),
  };
}

/** The same drawing, larger or smaller by a factor; lines keep their width. */
export function scaled({ boxes, texts, arrows, dots }: DiagramParts, factor: number): DiagramParts {
  const at = ({ x, y }: { x: number; y: number }) => ({ x: factor * x, y: factor * y });
  return {
    boxes: boxes.map((box) => ({
      ...box,
      ...at(box),
      width: factor * box.width,
      height: factor * box.height,
    })),
    texts: texts.map((text) => ({ ...text, ...at(text), size: factor * (text.size ?? textSize) })),
    arrows: arrows.map((arrow) => ({
      ...arrow,
      points: arrow.points.map(([x, y]): [number, number] => [factor * x, factor * y]),
    })),
    // The size of a dot is an area.
    dots: dots.map((dot) => ({ ...dot, ...at(dot), size: factor ** 2 * (dot.size ?? dotSize) })),
  };
}

function mark(mark: Layer, x: number, y: number, more: Layer = {}): Layer {
  return { data: { values: [{}] }, mark, encoding: { x: { value: x }, y: { value: y }, ...more } };
}

function box({ x, y, width, height, fill, stroke }: DiagramParts['boxes'][number]): Layer {
  const right = { x2: { value: x + width }, y2: { value: y + height } };
  return mark({ type: 'rect', fill, stroke, strokeWidth: 1.5, cornerRadius: 6 }, x, y, right);
}

function text({
  x,
  y,
  text,
  color,
  size = textSize,
  bold,
  align = 'center',
}: DiagramParts['texts'][number]): Layer {
  const weight = bold ? 'bold' : 'normal';
  return mark(
    { type: 'text', text, color, fontSize: size, fontWeight: weight, align, baseline: 'middle' },
    x,
    y,
  );
}

function dot({ x, y, shape, color, size = dotSize, hollow }: DiagramParts['dots'][number]): Layer {
  return mark({ type: 'point', shape, color, size, filled: !hollow, opacity: 1, strokeWidth: 2 }, x, y);
}

function arrow({ points, color, width = 1.8, dashed, bare }: DiagramParts['arrows'][number]): Layer[] {
  const style = { type: 'rule', color, strokeWidth: width, ...(dashed && { strokeDash: [5, 4] }) };
  const [fromX, fromY] = points[points.length - 2];
  const [tipX, tipY] = points[points.length - 1];
  const direction = Math.atan2(tipY - fromY, tipX - fromX);
  const back = (distance: number): [number, number] =>
    bare ? [tipX, tipY] : [tipX - distance * Math.cos(direction), tipY - distance * Math.sin(direction)];
  const ends = [...points.slice(0, -1), back(head)];
  const lines = ends
    .slice(1)
    .map(([x, y], i) => mark(style, ...ends[i], { x2: { value: x }, y2: { value: y } }));
  if (bare) return lines;
  const angle = (direction * 180) / Math.PI + 90;
  return [
    ...lines,
    mark(
      { type: 'point', shape: 'triangle', filled: true, color, opacity: 1, size: 70, angle },
      ...back(head / 2),
    ),
  ];
}
