import * as tf from '@tensorflow/tfjs-core';

/**
 * The one copy of TensorFlow.js that the kit uses; import it from here alone. Two copies in one process do
 * not see each other's tensors and engines.
 */
export { tf };
