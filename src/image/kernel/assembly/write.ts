// A row of samples, as three planes of f32, in the form that is asked for. Nothing behind the row is written.

/** `(value − mean) × factor` of each. */
export function writePlanes(from: usize, columns: usize, mean: f32, factor: f32, out: usize): void {
  const end = out + (columns << 2);
  for (; out + 16 <= end; out += 16, from += 16)
    v128.store(out, f32x4.mul(f32x4.sub(v128.load(from), f32x4.splat(mean)), f32x4.splat(factor)));
  for (; out < end; out += 4, from += 4) store<f32>(out, (load<f32>(from) - mean) * factor);
}

/** The same of three planes, number by number in turn. */
export function writeTriples(
  red: usize,
  green: usize,
  blue: usize,
  columns: usize,
  mean: f32,
  factor: f32,
  out: usize,
): void {
  const end = out + columns * 12;
  for (; out < end; out += 12, red += 4, green += 4, blue += 4) {
    store<f32>(out, (load<f32>(red) - mean) * factor);
    store<f32>(out, (load<f32>(green) - mean) * factor, 4);
    store<f32>(out, (load<f32>(blue) - mean) * factor, 8);
  }
}

/** The same of the luma (Rec. 601). */
export function writeGrey(
  from: usize,
  plane: usize,
  columns: usize,
  mean: f32,
  factor: f32,
  out: usize,
): void {
  const end = out + (columns << 2);
  for (; out + 16 <= end; out += 16, from += 16)
    v128.store(out, f32x4.mul(f32x4.sub(luma(from, plane), f32x4.splat(mean)), f32x4.splat(factor)));
  if (out == end) return;
  let rest = f32x4.mul(f32x4.sub(luma(from, plane), f32x4.splat(mean)), f32x4.splat(factor));
  for (; out < end; out += 4, rest = v128.shuffle<i32>(rest, rest, 1, 2, 3, 0))
    v128.store32_lane(out, rest, 0);
}

// @ts-ignore: decorator
@inline
function luma(from: usize, plane: usize): v128 {
  const red = f32x4.mul(v128.load(from), f32x4.splat(0.299));
  const green = f32x4.mul(v128.load(from + plane), f32x4.splat(0.587));
  const blue = f32x4.mul(v128.load(from + 2 * plane), f32x4.splat(0.114));
  return f32x4.add(f32x4.add(red, green), blue);
}

/** 2^23: what is added to it is rounded to whole numbers, halves to even ones, as a `Uint8ClampedArray` does it. */
const WHOLE: f32 = 8388608;

/** Opaque pixels of bytes. */
export function writeRgba(from: usize, plane: usize, columns: usize, out: usize): void {
  const end = out + (columns << 2);
  for (; out + 16 <= end; out += 16, from += 16) v128.store(out, packed(from, plane));
  if (out == end) return;
  let rest = packed(from, plane);
  for (; out < end; out += 4, rest = v128.shuffle<i32>(rest, rest, 1, 2, 3, 0))
    v128.store32_lane(out, rest, 0);
}

// @ts-ignore: decorator
@inline
function packed(from: usize, plane: usize): v128 {
  const green = i32x4.shl(byteOf(from + plane), 8);
  const blue = i32x4.shl(byteOf(from + 2 * plane), 16);
  return v128.or(v128.or(byteOf(from), green), v128.or(blue, i32x4.splat(0xff000000)));
}

// @ts-ignore: decorator
@inline
function byteOf(from: usize): v128 {
  const value = f32x4.pmin(f32x4.pmax(v128.load(from), f32x4.splat(0)), f32x4.splat(255));
  return v128.and(f32x4.add(value, f32x4.splat(WHOLE)), i32x4.splat(0xff));
}
