// A thread of the WebAssembly engine. The backend package ships this worker's program as a string, meant for
// a blob: address that Node's Worker does not take; here the same string is run from a file.
const {
  wasmWorkerContents,
} = require('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd.worker.js');
const { runInThisContext } = require('node:vm');

// The program asks Node for its own modules and its own file name; newlines inside its strings lost their
// escape on the way into the package.
const program = wasmWorkerContents.replace(/\n/g, '\\n');
runInThisContext(`(function (require, __filename) { ${program}\n})`)(require, __filename);
