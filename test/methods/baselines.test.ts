import assert from 'node:assert/strict';
import type { Scalar, Tensor, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';
import { randomStream } from '../../lib/core/random';
import { normalize } from '../../lib/engine';
import { tf } from '../../lib/engine/tf';
import {
  cutMixture,
  keyDistance,
  MemoryBank,
  mean,
  mixImages,
  mocoLoss,
  neighborLoss,
  nnclrLoss,
  resslLoss,
  sceLoss,
  simclrLoss,
  snclrLoss,
} from '../../lib/methods';
import { describeEachEngine, expectClose, fromNchw, tensorOf } from '../engines';
import { golden } from '../golden';
import { float64, noDraws } from './fixtures';

const fixture = golden('baselines');

interface Case {
  method: string;
  loss: number;
  purity?: number;
  grads: Record<string, (typeof fixture)['p_q'] | null>;
  tem: number;
  student_tem: number;
  coeff: number;
  topk: number;
  threshold: boolean;
}

/** What a loss is made of: projections and predictions of the query, keys of two views. */
type Inputs = Record<'z_q' | 'p_q' | 'z_k' | 'z_v', Tensor2D>;

/** The banks of the fixture. */
function banks(): { bank: MemoryBank; auxiliary: MemoryBank } {
  const bankOf = (values: Tensor) => {
    const bank = new MemoryBank(randomStream(1, 'memory-bank'), fixture.bank_size, fixture.dim);
    bank.enqueue(values as Tensor2D, tf.tensor1d(fixture.bank_labels.data, 'int32'));
    return bank;
  };
  return { bank: bankOf(tensorOf(fixture.bank)), auxiliary: bankOf(tensorOf(fixture.bank_auxiliary)) };
}

/** The loss of a case by our functions. */
function lossOf(fixed: Case, { z_q, p_q, z_k, z_v }: Inputs): Scalar {
  const { tem: temperature, topk, threshold } = fixed;
  const { bank, auxiliary } = banks();
  const near = () => bank.take(bank.nearest(z_k, topk));
  const msf = (neighbors: Tensor3D) =>
    neighborLoss(p_q, z_k, neighbors, { weighting: 'equal', mixing: 'none', lambda: 'random' }, noDraws);
  const temperatures = { teacherTemperature: temperature, studentTemperature: fixed.student_tem };
  switch (fixed.method) {
    case 'simclr':
      return simclrLoss(z_q, z_k, temperature);
    case 'moco':
      return mocoLoss(z_q, z_k, bank.unitKeys(), temperature);
    case 'byol':
      return keyDistance(p_q, z_k);
    case 'ressl':
      return resslLoss(z_q, z_k, bank.unitKeys(), temperatures);
    case 'sce':
      return sceLoss(z_q, z_k, bank.unitKeys(), { ...temperatures, coefficient: fixed.coeff });
    case 'nnclr':
      return nnclrLoss(p_q, normalize(near()), temperature);
    case 'msf':
      return msf(near());
    case 'snclr':
      return snclrLoss(p_q, z_q, z_k, normalize(near()), { temperature, threshold, weighting: 'soft' });
    case 'cmsf':
      return mean([msf(near()), msf(bank.take(auxiliary.nearest(z_v, topk)))]);
    default:
      throw new Error(`no loss of ${fixed.method}`);
  }
}

describeEachEngine("The loss of the authors' benchmark", () => {
  for (const fixed of fixture.cases.filter(float64) as Case[]) {
    const { tem, topk, threshold } = fixed;
    const settings = [tem && `temperature ${tem}`, topk && `K ${topk}`, threshold && 'threshold'];
    const title = [fixed.method, ...settings.filter(Boolean)].join(', ');
    const wanted = Object.entries(fixed.grads).filter(([, gradient]) => gradient);

    it(`is ours, with its gradients: ${title}`, async () => {
      const all = Object.fromEntries(
        ['z_q', 'p_q', 'z_k', 'z_v'].map((name) => [name, tensorOf(fixture[name])]),
      ) as Inputs;
      const names = wanted.map(([name]) => name) as (keyof Inputs)[];
      const loss = (...inputs: Tensor[]) => {
        const given = Object.fromEntries(names.map((name, i) => [name, inputs[i]]));
        return lossOf(fixed, { ...all, ...given });
      };
      const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => all[name]));
      await expectClose(value, { shape: [], data: [fixed.loss] }, 1e-5);
      for (const [i, [, gradient]] of wanted.entries()) await expectClose(grads[i], gradient!, 1e-5);
    });

    if (fixed.purity !== undefined) {
      it(`finds as pure neighbors: ${title}`, async () => {
        const labels = tf.tensor1d(fixture.labels.data, 'int32');
        const { purity } = banks().bank.search(tensorOf(fixture.z_k) as Tensor2D, labels, topk);
        await expectClose(purity, { shape: [], data: [fixed.purity!] }, 1e-6);
      });
    }
  }
});

describeEachEngine('A mixture of UnMix', () => {
  const images = () => fromNchw(fixture.unmix.images);
  for (const { lam, center, box_x1_y1_x2_y2, lam_after, ...expected } of fixture.unmix.cases) {
    const [top, left, bottom, right] = box_x1_y1_x2_y2;

    it(`by cutmix is the authors': lambda ${lam}, center ${center}`, async () => {
      const mixture = cutMixture(6, lam, center[0], center[1]);
      assert.deepEqual(mixture.box, { top, left, bottom, right });
      await expectClose(tf.scalar(mixture.lambda), { shape: [], data: [lam_after] }, 1e-6);
      await expectClose(mixImages(images(), mixture), fromNchw(expected.cutmix), 1e-6);
    });

    it(`by mixup is the authors': lambda ${lam}`, async () => {
      await expectClose(mixImages(images(), { lambda: lam }), fromNchw(expected.mixup), 1e-6);
    });
  }
});
