import * as tf from '@tensorflow/tfjs-core';
// The union package registers the gradients of all operations, and the plain JavaScript backend.
import '@tensorflow/tfjs';

/**
 * The one copy of TensorFlow.js that the kit uses; import it from here alone. Two copies in one process do
 * not see each other's tensors and engines.
 */
export { tf };
