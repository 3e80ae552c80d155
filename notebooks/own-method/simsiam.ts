// A method of one's own: SimSiam, in one file. Load it with --load, or import it in a notebook.
import { z } from 'zod';
import {
  byolHeads,
  keyDistance,
  makeLearner,
  mean,
  methodOption,
  Networks,
  registerMethod,
  stopGradient,
} from '../../lib';

const options = z.strictObject({
  views: methodOption.viewPairs.default('strong/strong'),
});

/**
 * SimSiam (Chen and He, CVPR 2021): the prediction p of one view is pulled to the projection z of the other,
 * through which no gradient goes. There is no teacher and no bank:
 *
 *     L = 1/2 (d(p1, z2) + d(p2, z1)),    d(p, t) = 2 - 2 <p/|p|, t/|t|>
 */
registerMethod({
  name: 'simsiam',
  title: 'SimSiam',
  summary: "pulls to the student's own projection of the other view, without its gradient",
  source: 'Chen and He, CVPR 2021',
  heads: byolHeads,
  options,
  create(config, _options, heads) {
    const networks = new Networks(config, heads);
    return makeLearner(networks, {}, ({ views }) => {
      const projections = networks.project(views);
      const predictions = networks.predict(projections);
      const [z1, z2] = projections.map(stopGradient);
      return { loss: mean([keyDistance(predictions[0], z2), keyDistance(predictions[1], z1)]) };
    });
  },
});
