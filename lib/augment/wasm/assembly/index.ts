// The operations of an augmented view in AssemblyScript, each equal to its plain twin in lib/augment bit for
// bit. An image is three planes of size * size bytes, `planeBytes` apart; the operations work on 16 bytes at
// a time and may write up to 15 bytes of the gap behind each plane. They keep nothing in memory themselves.
// `npm run build:wasm` compiles them to ../views.wasm.
export { blur } from './blur';
export { brightness, contrast, grayscale, saturation } from './blend';
export { hue } from './hue';
export { resizeColumns, resizeRows } from './resize';
export { write } from './write';
