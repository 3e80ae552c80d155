import type { ChartSpec } from '../figures';

/** Data of charts by name, each set once. */
export class ChartData {
  readonly sets: Record<string, unknown[]> = {};
  private readonly names = new Map<string, string>();

  /** The name under which these rows are kept. */
  add(rows: unknown[]): string {
    const key = JSON.stringify(rows);
    const name = this.names.get(key) ?? `data${this.names.size}`;
    this.names.set(key, name);
    this.sets[name] = rows;
    return name;
  }
}

type Node = Record<string, unknown>;

/** A chart whose points and bars show their values under the pointer, and whose data stands in `data`. */
export function interactive(spec: ChartSpec, data: ChartData): ChartSpec {
  // The page names the chart as a whole: Vega's own names are of marks, and some marks have none.
  return changed({ ...spec, config: { ...spec.config, aria: false, mark: { aria: false } } }) as ChartSpec;

  function changed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(changed);
    if (typeof value !== 'object' || value === null) return value;
    const node = value as Node;
    if (Array.isArray(node.values) && node.values.every((row) => typeof row === 'object'))
      return { name: data.add(node.values) };
    const layers = Array.isArray(node.layer) ? { layer: node.layer.flatMap(withTarget) } : {};
    const entries = Object.entries({ ...node, ...layers });
    return Object.fromEntries(
      entries.map(([key, part]) => [key, key === 'mark' ? marked(part) : changed(part)]),
    );
  }
}

/** A line shows the value under the pointer at points that are not seen. */
function withTarget(layer: Node): Node[] {
  const mark = layer.mark as Node | undefined;
  if (mark?.type !== 'line' || layer.data !== undefined) return [layer];
  return [layer, { mark: { type: 'point', filled: true, size: 120, opacity: 0 }, encoding: {} }];
}

function marked(mark: unknown): unknown {
  const { type } = mark as Node;
  return type === 'point' || type === 'bar' ? { ...(mark as Node), tooltip: { content: 'data' } } : mark;
}
