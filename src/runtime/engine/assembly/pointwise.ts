import { activate } from './vector';

/** `activation(a + residual)` for `pixels` pixels of `n` channels; `residual`, if not 0, has `residualN` ≤ `n`. */
export function pointwise(
  a: usize,
  out: usize,
  pixels: u32,
  n: u32,
  residual: usize,
  residualN: u32,
  activation: u32,
  slope: usize,
): void {
  const bytes = (<usize>n) << 2;
  const residualBytes = residual ? (<usize>residualN) << 2 : 0;
  for (let i: u32 = 0; i < pixels; i++) {
    for (let at: usize = 0; at < bytes; at += 16) {
      let value = v128.load(a + at);
      if (at < residualBytes) value = f32x4.add(value, v128.load(residual + at));
      v128.store(out + at, activate(value, activation, slope + at));
    }
    a += bytes;
    out += bytes;
    residual += residualBytes;
  }
}
