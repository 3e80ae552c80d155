import { UserError } from '../core/errors';
import type { Images } from '../data';
import { enlargedUri, enlargement, gap, imageLayer } from './image-grid';
import { type ChartSpec, type Layer, pixel, vegaLiteSchema } from './spec';
import { textWidth } from './text-width';
import { themeConfig, themeInks } from './theme';

/** Images of one size, and what they are. */
export interface ImageRow {
  label: string;
  images: Images;
}

export interface ImageRowsOptions {
  title: string;
  subtitle: string[];
}

const fontSize = 12;
/** Most room for a label, in pixels; a longer one is cut. */
const widestLabel = 170;

/**
 * Rows of images, each with its label on the left, as a Vega-Lite chart. All images are drawn at one scale,
 * small ones larger, pixel by pixel.
 * @throws UserError where there are no images.
 */
export async function imageRows(
  rows: readonly ImageRow[],
  { title, subtitle }: ImageRowsOptions,
): Promise<ChartSpec> {
  const filled = rows.filter(({ images }) => images.count > 0);
  if (filled.length === 0) throw new UserError('There are no images to show.');
  const factor = enlargement(Math.min(...filled.map(({ images }) => images.size)));
  const left = await labelWidth(filled.map(({ label }) => label));
  const tops = [0];
  for (const { images } of filled) tops.push(tops.at(-1)! + factor * images.size + gap);
  const widths = filled.map(({ images }) => images.count * (factor * images.size + gap) - gap);
  return {
    $schema: vegaLiteSchema,
    title: { text: title, subtitle },
    description: filled.map(({ label, images }) => `${label}: ${images.count} images`).join(', '),
    width: left + Math.max(...widths),
    height: tops.at(-1)! - gap,
    layer: [
      ...(await Promise.all(filled.map((row, i) => rowLayer(row, factor, left, tops[i])))),
      labelLayer(
        filled.map(({ label, images }, i) => ({ label, x: 0, y: tops[i] + (factor * images.size) / 2 })),
      ),
    ],
    config: themeConfig('light'),
  };
}

async function rowLayer({ images }: ImageRow, factor: number, left: number, y: number): Promise<Layer> {
  const side = factor * images.size;
  const values = await Promise.all(
    Array.from({ length: images.count }, async (_, i) => ({
      uri: await enlargedUri(images, i, factor),
      x: left + i * (side + gap),
      right: left + i * (side + gap) + side,
      y,
      bottom: y + side,
    })),
  );
  return { data: { values }, layer: [frameLayer(), imageLayer(side)] };
}

/** A faint line around each image, which a white one would not be seen without. */
function frameLayer(): Layer {
  return {
    mark: { type: 'rect', fill: null, stroke: themeInks('light').grid, strokeWidth: 2 },
    encoding: { x: pixel('x'), x2: { field: 'right' }, y: pixel('y'), y2: { field: 'bottom' } },
  };
}

function labelLayer(values: { label: string; x: number; y: number }[]): Layer {
  return {
    data: { values },
    mark: {
      type: 'text',
      align: 'left',
      baseline: 'middle',
      fontSize,
      limit: widestLabel,
      color: themeInks('light').text,
    },
    encoding: { x: pixel('x'), y: pixel('y'), text: { field: 'label', type: 'nominal' } },
  };
}

/** Room for the widest of the labels and what parts it from the images. */
async function labelWidth(labels: string[]): Promise<number> {
  const width = await textWidth(labels.join(''));
  const widest = Math.max(...labels.map((label) => width({ fontSize }, label)));
  return Math.ceil(Math.min(widest, widestLabel)) + 2 * gap;
}
