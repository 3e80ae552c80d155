// Makes the plain JavaScript engine compute in double precision: TensorFlow.js computes in JavaScript's
// numbers and only stores float32. Preload it (node -r), before anything of TensorFlow.js is loaded.
const { types } = require('node:util');

globalThis.Float32Array = Float64Array;
// What TensorFlow.js asks in Node whether something is an array of values.
types.isFloat32Array = types.isFloat64Array;
