/** a × b + c; fused where the module is built with relaxed SIMD. */
// @ts-ignore: decorator
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** Bytes of `table` at `indices`, which are below 16. */
// @ts-ignore: decorator
@inline
export function lookUp(table: v128, indices: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, indices);
  return i8x16.swizzle(table, indices);
}

/** The sum of the lanes of two vectors. */
// @ts-ignore: decorator
@inline
export function total(even: v128, odd: v128): f32 {
  const v = f32x4.add(even, odd);
  const low = f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 2);
  return low + (f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 3));
}
