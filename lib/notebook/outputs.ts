import { joined, type Output } from './format';

/** An output as a kernel sends it; `displayId` marks one that a later one with `update` replaces. */
export interface SentOutput {
  output: Output;
  displayId?: string;
  update?: boolean;
}

/**
 * What the cells' outputs are once all were sent, as Jupyter would show them: an update replaces its display in
 * whichever cell that stands, and is dropped where there is none.
 */
export function mergeOutputs(cells: readonly (readonly SentOutput[])[]): Output[][] {
  const displays = new Map<string, { outputs: Output[]; place: number }>();
  return cells
    .map((sent) => {
      const outputs: Output[] = [];
      for (const { output, displayId, update } of sent) {
        const shown = displayId === undefined ? undefined : displays.get(displayId);
        if (update) {
          if (shown) shown.outputs[shown.place] = output;
          continue;
        }
        if (displayId !== undefined) displays.set(displayId, { outputs, place: outputs.length });
        append(outputs, output);
      }
      return outputs;
    })
    .map((outputs) => outputs.map(cleaned));
}

/** Adds an output; text that follows text of the same stream becomes one piece with it. */
function append(outputs: Output[], output: Output): void {
  const last = outputs.at(-1);
  if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name)
    outputs[outputs.length - 1] = { ...last, text: joined(last.text) + joined(output.text) };
  else outputs.push(output);
}

function cleaned(output: Output): Output {
  if (output.output_type !== 'stream') return output;
  return { ...output, text: withoutOverwritten(joined(output.text)) };
}

/** Keeps of a progress line what a terminal would show at the end: what follows its last carriage return. */
function withoutOverwritten(text: string): string {
  return text.replace(/\r+\n/g, '\n').replace(/[^\n]*\r(?=[^\n])/g, '');
}
