/** Runs the cells it is sent in a kernel of its own, interrupts at each `interrupt`, and sends what came of each. */
import { Kernel } from '../../lib/notebook/kernel';

const kernel = new Kernel();
process.on('message', async (message: string) => {
  if (message === 'interrupt') return kernel.interrupt();
  const outputs: string[] = [];
  const result = await kernel.run(message, {
    stream: (_, text) => {
      outputs.push(text);
      if (text === 'begun\n') process.send?.('begun');
    },
    display: () => {},
  });
  process.send?.({ ...result, text: outputs.join('') });
});
