import { joined, type Output } from './format';

/** An output as a kernel sends it; `displayId` marks one that a later one with `update` replaces. */
export interface SentOutput {
  output: Output;
  displayId?: string;
  update?: boolean;
}

/** What a cell's outputs are once all were sent, as Jupyter would show them. */
export function mergeOutputs(sent: readonly SentOutput[]): Output[] {
  const outputs: Output[] = [];
  const byDisplayId = new Map<string, number>();
  for (const { output, displayId, update } of sent) {
    const last = outputs.at(-1);
    const place = displayId === undefined ? undefined : byDisplayId.get(displayId);
    if (update && place !== undefined) outputs[place] = output;
    else if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name) {
      outputs[outputs.length - 1] = { ...last, text: joined(last.text) + joined(output.text) };
    } else {
      if (displayId !== undefined) byDisplayId.set(displayId, outputs.length);
      outputs.push(output);
    }
  }
  return outputs.map((output) =>
    output.output_type === 'stream' ? { ...output, text: withoutOverwritten(joined(output.text)) } : output,
  );
}

/** Keeps of a progress line what a terminal would show at the end: what follows its last carriage return. */
function withoutOverwritten(text: string): string {
  return text.replace(/\r+\n/g, '\n').replace(/[^\n]*\r(?=[^\n])/g, '');
}
