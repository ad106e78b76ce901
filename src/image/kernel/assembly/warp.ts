// Bilinear sampling along lines, and what becomes of the samples. Coordinates are indices of the level's pixels, in f64.
import { writeGrey, writePlanes, writeRgba, writeTriples } from './write';

/** What is sampled: pixel (0, 0) of the level would lie at `from`; of it there is what the call's points touch. */
@unmanaged
class Level {
  from: f64;
  /** Bytes from a row to the next. */
  stride: f64;
  width: f64;
  height: f64;
}

/** A call's arguments, all of them f64, in the order of `../kernel.ts`. */
@unmanaged
class Call extends Level {
  /** From indices of output pixels to those of the level. */
  dx: f64;
  dy: f64;
  cx: f64;
  cy: f64;
  tx: f64;
  ty: f64;
  /** The block of output pixels that is asked for. */
  left: f64;
  top: f64;
  columns: f64;
  rows: f64;
  /** What pixels beyond the level are. */
  outside: f64;
  /** Room for a row of samples: three planes of `columns` filled up to 4. */
  samples: f64;
  out: f64;
  /** PLANES.. below. */
  kind: f64;
  /** Whether blue comes first. */
  isBgr: f64;
  mean: f64;
  factor: f64;
}

const PLANES: i32 = 0;
const TRIPLES: i32 = 1;
const GREY: i32 = 2;

// @ts-ignore: decorator
@inline
function isWithin(i: i32, start: f64, step: f64, limit: f64): bool {
  const at = start + <f64>i * step;
  return at >= 0 && at < limit;
}

/** The first of the steps i in from..to for which 0 ≤ start + i·step < limit; `to` if there is none. */
function firstWithin(start: f64, step: f64, limit: f64, from: i32, to: i32): i32 {
  if (step == 0) return isWithin(0, start, 0, limit) ? from : to;
  const nearest = ceil(min(-start / step, (limit - start) / step));
  let i = <i32>min(max(nearest, <f64>from), <f64>to);
  while (i < to && !isWithin(i, start, step, limit)) i++;
  return i;
}

/** The end of the steps from `from` on, which is within, or `to`, for which that holds. */
function endWithin(start: f64, step: f64, limit: f64, from: i32, to: i32): i32 {
  if (step == 0) return to;
  const furthest = floor(max(-start / step, (limit - start) / step)) + 1;
  let end = <i32>min(max(furthest, <f64>from), <f64>to);
  while (end > from && !isWithin(end - 1, start, step, limit)) end--;
  return end;
}

/** 2^52: what is added to it and is no larger stands in the lower half of the sum's bits. */
const INTEGERS: f64 = 4503599627370496.0;

// @ts-ignore: decorator
@inline
function lerp(a: v128, b: v128, share: v128): v128 {
  return f32x4.add(a, f32x4.mul(share, f32x4.sub(b, a)));
}

/** A channel of four packed pixels. */
// @ts-ignore: decorator
@inline
function channel(pixels: v128, shift: i32): v128 {
  const bytes = shift == 0 ? pixels : i32x4.shr_u(pixels, shift);
  return f32x4.convert_i32x4_s(v128.and(bytes, i32x4.splat(0xff)));
}

// @ts-ignore: decorator
@inline
function mix(a: v128, b: v128, c: v128, d: v128, shift: i32, fx: v128, fy: v128): v128 {
  const upper = lerp(channel(a, shift), channel(b, shift), fx);
  const lower = lerp(channel(c, shift), channel(d, shift), fx);
  return lerp(upper, lower, fy);
}

/** Two pixels side by side at each of two addresses. */
// @ts-ignore: decorator
@inline
function twoPairs(first: usize, second: usize): v128 {
  return v128.load64_lane(second, v128.load64_zero(first), 1);
}

/** The points from..to, four or more, of which all four neighbours lie inside the level, four at a time: the last four may overlap. */
function sampleInside(
  level: Level,
  x0: f64,
  y0: f64,
  dx: f64,
  dy: f64,
  from: i32,
  to: i32,
  samples: usize,
  plane: usize,
): void {
  const stride = <usize>level.stride;
  const strides = f64x2.splat(level.stride);
  const base = f64x2.splat(INTEGERS + level.from);
  for (let i = from; i < to; i += 4) {
    const at = min(i, to - 4);
    const steps = f64x2.splat(<f64>at);
    const x01 = f64x2.add(f64x2.splat(x0), f64x2.mul(f64x2.add(steps, f64x2(0, 1)), f64x2.splat(dx)));
    const x23 = f64x2.add(f64x2.splat(x0), f64x2.mul(f64x2.add(steps, f64x2(2, 3)), f64x2.splat(dx)));
    const y01 = f64x2.add(f64x2.splat(y0), f64x2.mul(f64x2.add(steps, f64x2(0, 1)), f64x2.splat(dy)));
    const y23 = f64x2.add(f64x2.splat(y0), f64x2.mul(f64x2.add(steps, f64x2(2, 3)), f64x2.splat(dy)));
    const xi01 = f64x2.floor(x01);
    const xi23 = f64x2.floor(x23);
    const yi01 = f64x2.floor(y01);
    const yi23 = f64x2.floor(y23);
    const fx = v128.shuffle<i64>(
      f32x4.demote_f64x2_zero(f64x2.sub(x01, xi01)),
      f32x4.demote_f64x2_zero(f64x2.sub(x23, xi23)),
      0,
      2,
    );
    const fy = v128.shuffle<i64>(
      f32x4.demote_f64x2_zero(f64x2.sub(y01, yi01)),
      f32x4.demote_f64x2_zero(f64x2.sub(y23, yi23)),
      0,
      2,
    );
    const four = f64x2.splat(4);
    const p01 = f64x2.add(f64x2.add(f64x2.mul(yi01, strides), f64x2.mul(xi01, four)), base);
    const p23 = f64x2.add(f64x2.add(f64x2.mul(yi23, strides), f64x2.mul(xi23, four)), base);
    const p0 = <usize>i32x4.extract_lane(p01, 0);
    const p1 = <usize>i32x4.extract_lane(p01, 2);
    const p2 = <usize>i32x4.extract_lane(p23, 0);
    const p3 = <usize>i32x4.extract_lane(p23, 2);
    const upper01 = twoPairs(p0, p1);
    const upper23 = twoPairs(p2, p3);
    const lower01 = twoPairs(p0 + stride, p1 + stride);
    const lower23 = twoPairs(p2 + stride, p3 + stride);
    const a = v128.shuffle<i32>(upper01, upper23, 0, 2, 4, 6);
    const b = v128.shuffle<i32>(upper01, upper23, 1, 3, 5, 7);
    const c = v128.shuffle<i32>(lower01, lower23, 0, 2, 4, 6);
    const d = v128.shuffle<i32>(lower01, lower23, 1, 3, 5, 7);
    const to4 = samples + ((<usize>at) << 2);
    v128.store(to4, mix(a, b, c, d, 0, fx, fy));
    v128.store(to4 + plane, mix(a, b, c, d, 8, fx, fy));
    v128.store(to4 + 2 * plane, mix(a, b, c, d, 16, fx, fy));
  }
}

/** Red, green, blue and alpha of a pixel; of one that is not there `outside`. */
function pixel(level: Level, x: f64, y: f64, outside: f32): v128 {
  const inside = x >= 0 && y >= 0 && x < level.width && y < level.height;
  if (!inside) return f32x4.splat(outside);
  const at = <usize>(<u32>(<i64>(level.from + y * level.stride + 4 * x)));
  const bytes = v128.load32_zero(at);
  const halves = i16x8.extend_low_i8x16_u(bytes);
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(halves));
}

/** One point near or beyond the border. */
function samplePoint(level: Level, x: f64, y: f64, outside: f32, out: usize, plane: usize): void {
  const xi = floor(x);
  const yi = floor(y);
  const fx = f32x4.splat(<f32>(x - xi));
  const fy = f32x4.splat(<f32>(y - yi));
  const upper = lerp(pixel(level, xi, yi, outside), pixel(level, xi + 1, yi, outside), fx);
  const lower = lerp(pixel(level, xi, yi + 1, outside), pixel(level, xi + 1, yi + 1, outside), fx);
  const mixed = lerp(upper, lower, fy);
  v128.store32_lane(out, mixed, 0);
  v128.store32_lane(out + plane, mixed, 1);
  v128.store32_lane(out + 2 * plane, mixed, 2);
}

/** A row of samples: `columns` numbers from step `left` on in each of three planes. */
function sampleRow(call: Call, y: f64, samples: usize, plane: usize): void {
  const dx = call.dx;
  const dy = call.dy;
  const x0 = call.cx * y + call.tx;
  const y0 = call.cy * y + call.ty;
  const left = <i32>call.left;
  const right = left + <i32>call.columns;
  const outside = <f32>call.outside;
  // Steps count from the output's first column.
  const row = samples - ((<usize>left) << 2);
  let touching = firstWithin(x0 + 1, dx, call.width + 1, left, right);
  touching = max(touching, firstWithin(y0 + 1, dy, call.height + 1, left, right));
  let end = endWithin(x0 + 1, dx, call.width + 1, touching, right);
  end = min(end, endWithin(y0 + 1, dy, call.height + 1, touching, right));
  let from = firstWithin(x0, dx, call.width - 1, touching, end);
  from = max(from, firstWithin(y0, dy, call.height - 1, touching, end));
  let to = endWithin(x0, dx, call.width - 1, from, end);
  to = min(to, endWithin(y0, dy, call.height - 1, from, end));
  if (to - from < 4) to = from;
  for (let i = left; i < touching; i++) fill(row + ((<usize>i) << 2), plane, outside);
  for (let i = touching; i < from; i++)
    samplePoint(call, x0 + <f64>i * dx, y0 + <f64>i * dy, outside, row + ((<usize>i) << 2), plane);
  if (to > from) sampleInside(call, x0, y0, dx, dy, from, to, row, plane);
  for (let i = to; i < end; i++)
    samplePoint(call, x0 + <f64>i * dx, y0 + <f64>i * dy, outside, row + ((<usize>i) << 2), plane);
  for (let i = end; i < right; i++) fill(row + ((<usize>i) << 2), plane, outside);
}

// @ts-ignore: decorator
@inline
function fill(out: usize, plane: usize, value: f32): void {
  store<f32>(out, value);
  store<f32>(out + plane, value);
  store<f32>(out + 2 * plane, value);
}

/** Samples a block of output pixels and writes it, row by row without gaps. */
export function warp(call: Call): void {
  const columns = <usize>call.columns;
  const rows = <usize>call.rows;
  const samples = <usize>call.samples;
  const plane = ((columns + 3) & ~3) << 2;
  const kind = <i32>call.kind;
  const mean = <f32>call.mean;
  const factor = <f32>call.factor;
  const first = call.isBgr != 0 ? samples + 2 * plane : samples;
  const last = call.isBgr != 0 ? samples : samples + 2 * plane;
  let out = <usize>call.out;
  for (let y: usize = 0; y < rows; y++) {
    sampleRow(call, call.top + <f64>y, samples, plane);
    if (kind == PLANES) {
      const outPlane = (columns * rows) << 2;
      writePlanes(first, columns, mean, factor, out);
      writePlanes(samples + plane, columns, mean, factor, out + outPlane);
      writePlanes(last, columns, mean, factor, out + 2 * outPlane);
      out += columns << 2;
    } else if (kind == TRIPLES) {
      writeTriples(first, samples + plane, last, columns, mean, factor, out);
      out += columns * 12;
    } else if (kind == GREY) {
      writeGrey(samples, plane, columns, mean, factor, out);
      out += columns << 2;
    } else {
      writeRgba(samples, plane, columns, out);
      out += columns << 2;
    }
  }
}
