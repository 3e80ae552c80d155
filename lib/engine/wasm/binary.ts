import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { packageRoot } from '../../core/paths';

/** A module of one function that multiplies and adds four values with relaxed SIMD's instruction. */
const relaxedProbe = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    // A type (v128) -> v128, a function of it, and its body: local.get 0 three times, f32x4.relaxed_madd.
    [0x01, 0x06, 0x01, 0x60, 0x01, 0x7b, 0x01, 0x7b],
    [0x03, 0x02, 0x01, 0x00],
    [0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x00, 0x20, 0x00, 0xfd, 0x85, 0x02, 0x0b],
  ].flat(),
);

/**
 * The kernels' binary that suits this JavaScript engine: with relaxed SIMD, whose multiply-add is one instruction, if
 * the engine has it, else with plain SIMD. The variable MNN_RELAXED_SIMD=0 takes the plain one anyway, to compute
 * again what was computed without.
 */
export function compileKernels(): WebAssembly.Module {
  const file = hasRelaxedSimd() ? 'kernels-relaxed.wasm' : 'kernels.wasm';
  return new WebAssembly.Module(readFileSync(join(packageRoot, 'engine', 'wasm', file)));
}

function hasRelaxedSimd(): boolean {
  if (process.env.MNN_RELAXED_SIMD === '0') return false;
  // Complete in the V8 of Node 20, which was the last one before it needed no flag.
  if (process.versions.v8.startsWith('11.3.')) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.validate(relaxedProbe);
}
