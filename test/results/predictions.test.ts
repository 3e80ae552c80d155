import assert from 'node:assert/strict';
import { packPredictions, unpackPredictions } from '../../lib/results';

describe('packPredictions', () => {
  for (const classes of [2, 10, 15, 16, 200]) {
    it(`keeps every class of ${classes}, and "none"`, () => {
      const predictions = Int32Array.from({ length: 1001 }, (_, i) => (i % (classes + 1)) - 1);
      const packed = packPredictions(predictions, classes);
      assert.deepEqual(unpackPredictions(packed, predictions.length, classes), predictions);
    });
  }

  it('takes 4 bits an image for 10 classes', () => {
    const packed = packPredictions(new Int32Array(10_000), 10);
    assert.equal(Buffer.from(packed, 'base64').length, 5000);
  });

  it('refuses a class that the dataset does not have', () => {
    assert.throws(() => packPredictions(Int32Array.of(0, 10), 10), /Prediction 1 is class 10; there are 10/);
  });
});

describe('unpackPredictions', () => {
  it('refuses predictions of another number of images', () => {
    assert.throws(() => unpackPredictions(packPredictions(new Int32Array(8), 10), 10, 10), /4 bytes.*need 5/);
  });
});
