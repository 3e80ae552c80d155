import assert from 'node:assert/strict';
import { renderSvg, type TrainingSoFar, trainingRun } from '../../lib/figures';

interface Panel {
  layer: [unknown, { encoding: { text: { value: string } } }];
  data: { values: { epoch: number; value: number }[] };
  encoding: { x: { scale: { domain: number[] } } };
}

const run: TrainingSoFar = {
  method: 'mnn',
  dataset: 'cifar10',
  epochs: 10,
  steps: [1, 2].map((step) => ({ epoch: step / 5, loss: 4 / step, purity: step / 4 })),
  evaluations: [],
  state: 'Epoch 1 of 10',
};
const titleOf = ({ layer }: Panel) => layer[1].encoding.text.value;
const panels = (so: TrainingSoFar) => trainingRun(so).hconcat as Panel[];

describe('The chart of a run that is going on', () => {
  it('has the whole run on its axis from the first step on', () => {
    assert.deepEqual(
      panels(run).map((panel) => [
        titleOf(panel),
        panel.encoding.x.scale.domain,
        panel.data.values.map(({ value }) => value),
      ]),
      [
        ['training loss', [0, 10], [4, 2]],
        ['neighbor purity', [0, 10], [0.25, 0.5]],
        ['k-NN accuracy (%)', [0, 10], []],
      ],
    );
  });

  it('leaves out the purity of a method that looks for no neighbors', () => {
    const without = { ...run, steps: run.steps.map((step) => ({ ...step, purity: null })) };
    assert.deepEqual(panels(without).map(titleOf), ['training loss', 'k-NN accuracy (%)']);
  });

  it('averages the steps of a long run', () => {
    const steps = Array.from({ length: 1000 }, (_, i) => ({ epoch: (i + 1) / 100, loss: i, purity: null }));
    const [{ data }] = panels({ ...run, steps });
    assert.equal(data.values.length, 200);
    assert.deepEqual(data.values[0], { epoch: 0.05, value: 2 });
    assert.equal(data.values.at(-1)?.epoch, 10);
  });

  it('says what it shows, and can be drawn before there is anything to draw', async () => {
    const svg = await renderSvg(trainingRun({ ...run, steps: [] }));
    assert.match(svg, />MNN on CIFAR-10</);
    assert.match(svg, />Epoch 1 of 10</);
  });
});
