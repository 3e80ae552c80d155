import { UserError } from '../core/errors';
import type { FigureOptions } from './spec';
import { type ChartSpec, type Layer, pixel, vegaLiteSchema } from './spec';
import { markColor, themeConfig, themeInks } from './theme';

/** An image, as `imageUri` gives it, and the name of its class. */
export interface GalleryImage {
  uri: string;
  class: string;
}

export interface GalleryRow {
  query: GalleryImage;
  /** Nearest first. */
  neighbors: (GalleryImage & { similarity: number })[];
}

export interface GalleryData {
  title: string;
  subtitle: string[];
  rows: readonly GalleryRow[];
}

/** Room between the query and its neighbors, as a share of a cell. */
const gap = 0.35;
/** Room below an image for its class, in pixels. */
const caption = 24;

/**
 * Queries, each with its nearest neighbors by cosine. A false neighbor, one of another class, has a thick
 * frame, a cross in its corner and its class in color.
 * @throws UserError where there is no query.
 */
export function neighborGallery(data: GalleryData, options: FigureOptions = {}): ChartSpec {
  const { theme = 'light', width = 700 } = options;
  if (data.rows.length === 0) throw new UserError('There are no queries to draw: give at least one.');
  const columns = 1 + gap + Math.max(...data.rows.map(({ neighbors }) => neighbors.length));
  const cell = width / columns;
  const side = cell - 10;
  const cells = data.rows.flatMap((row, i) => cellsOf(row, i, cell, side));
  const height = data.rows.length * (side + caption + 12);
  const { text, quiet } = themeInks(theme);
  const corner = { x: pixel('x'), y: pixel('y') };
  const inside = { xOffset: -7, yOffset: 7 };
  const select = (filter: string): Layer => ({ transform: [{ filter }] });
  return {
    $schema: vegaLiteSchema,
    title: { text: data.title, subtitle: data.subtitle },
    description: 'Images with their nearest neighbors; those of another class are marked.',
    width,
    height,
    data: { values: cells },
    layer: [
      headings(cell, quiet),
      {
        mark: { type: 'image', align: 'left', baseline: 'top', width: side, height: side },
        encoding: { ...corner, url: { field: 'uri', type: 'nominal' } },
      },
      { ...select("datum.kind === 'query'"), mark: frame(text, 2.5), encoding: box() },
      { ...select("datum.kind === 'true'"), mark: frame(quiet, 1), encoding: box() },
      { ...select("datum.kind === 'false'"), mark: frame(markColor, 3), encoding: box() },
      {
        ...select("datum.kind === 'false'"),
        mark: {
          type: 'point',
          shape: 'square',
          filled: true,
          size: 230,
          color: markColor,
          opacity: 1,
          ...inside,
        },
        encoding: { x: pixel('right'), y: pixel('y') },
      },
      {
        ...select("datum.kind === 'false'"),
        mark: {
          type: 'text',
          text: '×',
          fontSize: 15,
          fontWeight: 'bold',
          color: '#ffffff',
          baseline: 'middle',
          ...inside,
        },
        encoding: { x: pixel('right'), y: pixel('y') },
      },
      {
        mark: { type: 'text', align: 'left', baseline: 'top', dy: 6, fontSize: 10, limit: cell - 2 },
        encoding: {
          ...corner,
          y: pixel('bottom'),
          text: { field: 'class' },
          color: { condition: { test: "datum.kind === 'false'", value: markColor }, value: text },
        },
      },
    ],
    config: themeConfig(theme),
  };
}

interface Cell {
  kind: 'query' | 'true' | 'false';
  uri: string;
  class: string;
  x: number;
  y: number;
  right: number;
  bottom: number;
}

function cellsOf({ query, neighbors }: GalleryRow, row: number, cell: number, side: number): Cell[] {
  const y = row * (side + caption + 12);
  const at = (x: number) => ({ x, y, right: x + side, bottom: y + side });
  return [
    { kind: 'query', uri: query.uri, class: query.class, ...at(0) },
    ...neighbors.map((neighbor, i) => ({
      kind: neighbor.class === query.class ? ('true' as const) : ('false' as const),
      uri: neighbor.uri,
      class: neighbor.class,
      ...at((1 + gap + i) * cell),
    })),
  ];
}

function box(): Layer {
  return { x: pixel('x'), x2: { field: 'right' }, y: pixel('y'), y2: { field: 'bottom' } };
}

function frame(color: string, strokeWidth: number): Layer {
  return { type: 'rect', fill: null, stroke: color, strokeWidth };
}

function headings(cell: number, ink: string): Layer {
  return {
    data: {
      values: [
        { x: 0, text: 'query' },
        { x: (1 + gap) * cell, text: 'nearest neighbors, nearest first' },
      ],
    },
    mark: { type: 'text', align: 'left', fontSize: 12, color: ink },
    encoding: { x: pixel('x'), y: { value: -12 }, text: { field: 'text' } },
  };
}
