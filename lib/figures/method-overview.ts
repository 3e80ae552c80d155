import { type DiagramParts, diagram, scaled } from './diagram';
import type { ChartSpec, FigureOptions } from './spec';
import { numberedStyle, type Theme, themeInks } from './theme';

/** The size in which the drawing's places are given. */
const [drawnWidth, drawnHeight] = [1000, 470];

interface Colors {
  text: string;
  quiet: string;
  line: string;
  paper: string;
  student: string;
  teacher: string;
  mixed: string;
  neighbor: string;
}

/**
 * What MNN does with an image, in one drawing: two views, student and teacher, the support set, the mixture,
 * and what the prediction is pulled to, beside MSF. Paper section 3.
 */
export function methodOverview({ theme = 'light', width = drawnWidth }: FigureOptions = {}): ChartSpec {
  const colors = colorsOf(theme);
  const parts: DiagramParts = { boxes: [], texts: [], arrows: [], dots: [] };
  for (const part of [
    networks(colors),
    supportSet(colors),
    pulls(colors, 'MSF', 40),
    pulls(colors, 'MNN', 215),
    legend(colors),
  ]) {
    parts.boxes.push(...(part.boxes ?? []));
    parts.texts.push(...(part.texts ?? []));
    parts.arrows.push(...(part.arrows ?? []));
    parts.dots.push(...(part.dots ?? []));
  }
  const factor = width / drawnWidth;
  return diagram(scaled(parts, factor), {
    title: {
      text: 'MNN: mixed nearest neighbors',
      subtitle:
        'One direction of the symmetric loss: the student sees view 1, the teacher view 2; then the other way round',
    },
    description:
      'Two views of an image go through a student and a teacher. The teacher’s key finds its nearest neighbors in a ' +
      'support set; each is mixed with the key. The student’s prediction is pulled to the key with weight 1 and to each ' +
      'of the K mixed neighbors with weight 1/K.',
    width,
    height: factor * drawnHeight,
    theme,
  });
}

function colorsOf(theme: Theme): Colors {
  const { text, quiet, grid, background } = themeInks(theme);
  const color = (number: number) => numberedStyle(number, theme).color;
  return {
    text,
    quiet,
    line: grid,
    paper: background,
    student: color(0),
    teacher: color(theme === 'dark' ? 5 : 1),
    mixed: color(2),
    neighbor: color(4),
  };
}

/** A box with a symbol and, below it, what it is. */
function block(
  x: number,
  y: number,
  symbol: string,
  name: string,
  stroke: string,
  colors: Colors,
): Partial<DiagramParts> {
  return {
    boxes: [{ x, y: y - 27, width: 92, height: 54, fill: colors.paper, stroke }],
    texts: [
      { x: x + 46, y: y - 8, text: symbol, color: colors.text, size: 16, bold: true },
      { x: x + 46, y: y + 13, text: name, color: colors.quiet, size: 11 },
    ],
  };
}

function networks(colors: Colors): Partial<DiagramParts> {
  const { text, quiet, student, teacher, paper } = colors;
  const [top, bottom] = [80, 260];
  const blocks = [
    block(205, top, 'fₛ', 'backbone', student, colors),
    block(325, top, 'gₛ', 'projector', student, colors),
    block(470, top, 'hₛ', 'predictor', student, colors),
    block(205, bottom, 'fₜ', 'backbone', teacher, colors),
    block(325, bottom, 'gₜ', 'projector', teacher, colors),
  ];
  const view = (y: number, name: string) => ({
    x: 130,
    y: y - 20,
    width: 44,
    height: 40,
    fill: paper,
    stroke: quiet,
    name,
  });
  const views = [view(top, 'x¹'), view(bottom, 'x²')];
  return {
    boxes: [
      { x: 14, y: 145, width: 50, height: 50, fill: paper, stroke: text },
      ...views.map(({ name: _name, ...box }) => box),
      ...blocks.flatMap((part) => part.boxes ?? []),
    ],
    texts: [
      { x: 39, y: 170, text: 'x', color: text, size: 18, bold: true },
      ...views.map(({ x, y, name }) => ({
        x: x + 22,
        y: y + 20,
        text: name,
        color: text,
        size: 15,
        bold: true,
      })),
      { x: 78, y: 100, text: 'strong', color: quiet, size: 11 },
      { x: 78, y: 242, text: 'weak', color: quiet, size: 11 },
      { x: 310, y: 24, text: 'student, learns by gradient', color: student, align: 'center' },
      { x: 310, y: 314, text: 'teacher, no gradient', color: teacher, align: 'center' },
      { x: 311, y: 170, text: 'moving average', color: quiet, size: 11 },
      { x: 443, y: top - 14, text: 'z¹', color: text, size: 14, bold: true },
      { x: 625, y: top - 24, text: 'p¹', color: text, size: 14, bold: true },
      { x: 480, y: bottom - 22, text: 'z²', color: text, size: 14, bold: true },
      ...blocks.flatMap((part) => part.texts ?? []),
    ],
    arrows: [
      {
        points: [
          [64, 160],
          [128, top + 8],
        ],
        color: text,
      },
      {
        points: [
          [64, 180],
          [128, bottom - 8],
        ],
        color: text,
      },
      {
        points: [
          [174, top],
          [203, top],
        ],
        color: text,
      },
      {
        points: [
          [174, bottom],
          [203, bottom],
        ],
        color: text,
      },
      {
        points: [
          [297, top],
          [323, top],
        ],
        color: text,
      },
      {
        points: [
          [297, bottom],
          [323, bottom],
        ],
        color: text,
      },
      {
        points: [
          [417, top],
          [468, top],
        ],
        color: text,
      },
      {
        points: [
          [562, top],
          [614, top],
        ],
        color: text,
      },
      {
        points: [
          [417, bottom],
          [470, bottom],
        ],
        color: text,
      },
      {
        points: [
          [251, top + 29],
          [251, bottom - 29],
        ],
        color: quiet,
        dashed: true,
      },
      {
        points: [
          [371, top + 29],
          [371, bottom - 29],
        ],
        color: quiet,
        dashed: true,
      },
    ],
    dots: [
      { x: 625, y: top, shape: 'circle', color: student, size: 180 },
      { x: 480, y: bottom, shape: 'square', color: teacher, size: 180 },
    ],
  };
}

/** The queue of earlier keys, its K nearest to the key, and their mixtures with it. */
function supportSet(colors: Colors): Partial<DiagramParts> {
  const { text, quiet, teacher, paper, neighbor, mixed } = colors;
  const cells = Array.from({ length: 9 }, (_, i) => 212 + 28 * i);
  const nearest = [2, 5, 7];
  return {
    boxes: [
      { x: 200, y: 392, width: 262, height: 44, fill: paper, stroke: quiet },
      { x: 540, y: 389, width: 66, height: 50, fill: paper, stroke: mixed },
    ],
    dots: [
      ...cells.map((x, i) => ({
        x: x + 7,
        y: 414,
        shape: 'circle',
        color: nearest.includes(i) ? neighbor : quiet,
        hollow: !nearest.includes(i),
        size: 110,
      })),
      ...[0, 1, 2].map((i) => ({ x: 655 + 22 * i, y: 414, shape: 'triangle-up', color: mixed, size: 130 })),
    ],
    texts: [
      { x: 331, y: 452, text: 'support set: a queue of earlier keys', color: quiet, size: 11 },
      { x: 501, y: 403, text: 'K nearest', color: quiet, size: 11 },
      { x: 573, y: 414, text: 'mix', color: text, size: 14, bold: true },
      { x: 677, y: 440, text: 'mixed', color: quiet, size: 11 },
      { x: 677, y: 454, text: 'neighbors', color: quiet, size: 11 },
      { x: 556, y: 330, text: 'weight 1 − λ', color: quiet, size: 11, align: 'left' },
      { x: 504, y: 427, text: 'weight λ', color: quiet, size: 11 },
      { x: 438, y: 344, text: 'joins', color: quiet, size: 11, align: 'right' },
      { x: 438, y: 359, text: 'afterwards', color: quiet, size: 11, align: 'right' },
    ],
    arrows: [
      {
        points: [
          [474, 272],
          [446, 318],
          [446, 390],
        ],
        color: quiet,
        dashed: true,
      },
      {
        points: [
          [490, 268],
          [548, 318],
          [573, 387],
        ],
        color: teacher,
      },
      {
        points: [
          [464, 414],
          [538, 414],
        ],
        color: neighbor,
      },
      {
        points: [
          [608, 414],
          [642, 414],
        ],
        color: mixed,
      },
    ],
  };
}

/** What the prediction is pulled to: the key and its neighbors (MSF), or the key and the mixtures (MNN). */
function pulls(colors: Colors, method: 'MSF' | 'MNN', top: number): Partial<DiagramParts> {
  const { text, quiet, line, student, teacher, neighbor, mixed } = colors;
  const prediction: [number, number] = [765, top + 84];
  const key: [number, number] = [888, top + 84];
  const neighbors: [number, number][] = [
    [904, top + 34],
    [962, top + 48],
    [938, top + 134],
  ];
  const middle = ([x, y]: [number, number]): [number, number] => [(x + key[0]) / 2, (y + key[1]) / 2];
  const targets = method === 'MSF' ? neighbors : neighbors.map(middle);
  const mixes = method === 'MNN';
  return {
    boxes: [{ x: 735, y: top - 14, width: 262, height: 164, fill: 'transparent', stroke: line }],
    texts: [
      { x: 748, y: top + 6, text: method, color: text, size: 14, bold: true, align: 'left' },
      {
        x: 748,
        y: top + 138,
        text: mixes ? 'weights: key 1, mixed 1/K each' : 'weights: each 1/(1 + K)',
        color: quiet,
        size: 11,
        align: 'left',
      },
    ],
    arrows: [
      ...(mixes ? neighbors.map((end) => ({ points: [key, end], color: line, width: 1.5, bare: true })) : []),
      ...targets.map((target) => ({
        points: [prediction, shortened(prediction, target)],
        color: mixes ? quiet : text,
        dashed: mixes,
      })),
      { points: [prediction, shortened(prediction, key)], color: text, ...(mixes && { width: 2.6 }) },
    ],
    dots: [
      { x: prediction[0], y: prediction[1], shape: 'circle', color: student, size: 150 },
      { x: key[0], y: key[1], shape: 'square', color: teacher, size: 150 },
      ...neighbors.map(([x, y], i) => ({
        x,
        y,
        shape: 'circle',
        color: neighbor,
        size: 110,
        hollow: i === 2,
      })),
      ...(mixes ? targets.map(([x, y]) => ({ x, y, shape: 'triangle-up', color: mixed, size: 110 })) : []),
    ],
  };
}

/** Where an arrow ends, so that its head stays clear of the mark that it points to. */
function shortened([x, y]: [number, number], [toX, toY]: [number, number]): [number, number] {
  const share = 1 - 9 / Math.hypot(toX - x, toY - y);
  return [x + share * (toX - x), y + share * (toY - y)];
}

function legend(colors: Colors): Partial<DiagramParts> {
  const { text, student, teacher, neighbor, mixed } = colors;
  const entries: [DiagramParts['dots'][number], string][] = [
    [{ x: 744, y: 388, shape: 'circle', color: student }, 'prediction'],
    [{ x: 744, y: 410, shape: 'square', color: teacher }, 'key'],
    [{ x: 744, y: 432, shape: 'triangle-up', color: mixed }, 'mixed'],
    [{ x: 842, y: 388, shape: 'circle', color: neighbor }, 'neighbor'],
    [{ x: 842, y: 410, shape: 'circle', color: neighbor, hollow: true }, 'false one: another class'],
  ];
  return {
    dots: entries.map(([dot]) => dot),
    texts: entries.map(([{ x, y }, name]) => ({
      x: x + 12,
      y,
      text: name,
      color: text,
      size: 11,
      align: 'left',
    })),
  };
}
