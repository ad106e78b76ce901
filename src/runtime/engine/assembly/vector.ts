// What all kernels share. The host owns the memory and every address: see ../kernel.ts. No heap, no statics.

/** Where four zeros always lie: see `CREW_BYTES` in `../crew.ts`. */
export const ZEROS: usize = 16;

/** What happens to a sum before it is stored. */
export const NO_ACTIVATION: u32 = 0;
export const RELU: u32 = 1;
export const PRELU: u32 = 2;

/** `a × b + c`, rounded once where the module is built with relaxed SIMD and the CPU has an FMA. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// `pmin` and `pmax` are one instruction each; `min` and `max` are many.
// @ts-ignore: decorator
@inline
export function activate(value: v128, activation: u32, slope: usize): v128 {
  if (activation == NO_ACTIVATION) return value;
  if (activation == RELU) return f32x4.pmax(value, f32x4.splat(0));
  return sloped(value, v128.load(slope));
}

/** Each number below zero times its slope. */
// @ts-ignore: decorator
@inline
export function sloped(value: v128, slope: v128): v128 {
  const zero = f32x4.splat(0);
  return madd(f32x4.pmin(value, zero), slope, f32x4.pmax(value, zero));
}

// @ts-ignore: decorator
@inline
export function add(sum: v128, residual: usize): v128 {
  return f32x4.add(sum, v128.load(residual));
}
