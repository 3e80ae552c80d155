/** A filter [height, width, in, out] of the kit's as PyTorch's [out, in, height, width]. */
export function toOihw(values: Float32Array, [height, width, ins, outs]: number[]): Float32Array {
  return reordered(values, height * width, ins, outs, true);
}

/** A filter [out, in, height, width] of PyTorch's as the kit's [height, width, in, out]. */
export function toHwio(values: Float32Array, [outs, ins, height, width]: number[]): Float32Array {
  return reordered(values, height * width, ins, outs, false);
}

function reordered(
  values: Float32Array,
  places: number,
  ins: number,
  outs: number,
  fromHwio: boolean,
): Float32Array {
  const result = new Float32Array(values.length);
  for (let o = 0; o < outs; o++) {
    for (let i = 0; i < ins; i++) {
      for (let place = 0; place < places; place++) {
        const oihw = (o * ins + i) * places + place;
        const hwio = (place * ins + i) * outs + o;
        if (fromHwio) result[oihw] = values[hwio];
        else result[hwio] = values[oihw];
      }
    }
  }
  return result;
}
