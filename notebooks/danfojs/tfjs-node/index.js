// Data frames need no native TensorFlow: they share the kit's TensorFlow.js.
module.exports = require('@tensorflow/tfjs');
