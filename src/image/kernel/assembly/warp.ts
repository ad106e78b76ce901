// Bilinear sampling along lines, and what becomes of the samples. Coordinates are indices of the level's pixels, in f64;
// along points that lie inside, in fixed point.
import { writeGrey, writePlanes, writeRgba, writeTriples } from './write';

/** A call's arguments, all of them f64, in the order of `../kernel.ts`. */
@unmanaged
class Call {
  /** The region of the level that the points touch lies here. */
  from: f64;
  /** Bytes from a row of it to the next. */
  stride: f64;
  regionLeft: f64;
  regionTop: f64;
  /** Of the level. */
  width: f64;
  height: f64;
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

/** 2^32. */
const UNIT: f64 = 4294967296.0;

/**
 * A coordinate within a region, 0 or more: the upper half of the bits tells the pixel, the lower the share of the next. Rounded down, so that
 * what is within stays within.
 */
// @ts-ignore: decorator
@inline
function fixed(coordinate: f64): i64 {
  return <i64>(coordinate * UNIT);
}

/** The same of a step. */
// @ts-ignore: decorator
@inline
function fixedStep(step: f64): i64 {
  return <i64>nearest(step * UNIT);
}

/** After so many steps coordinates are calculated anew. */
const STEPS: i32 = 256;

/** How far coordinates may be off then: points so near to the border count as beyond it. */
const MARGIN: f64 = 1.0 / 1048576.0;

// @ts-ignore: decorator
@inline
function lerp(a: v128, b: v128, share: v128): v128 {
  return f32x4.add(a, f32x4.mul(share, f32x4.sub(b, a)));
}

/** Red, green and blue of four packed pixels; -1 selects a zero. */
// @ts-ignore: decorator
@inline
function red(pixels: v128): v128 {
  return f32x4.convert_i32x4_s(v128.and(pixels, i32x4.splat(0xff)));
}
// @ts-ignore: decorator
@inline
function green(pixels: v128): v128 {
  const mask = i8x16(1, -1, -1, -1, 5, -1, -1, -1, 9, -1, -1, -1, 13, -1, -1, -1);
  return f32x4.convert_i32x4_s(i8x16.swizzle(pixels, mask));
}
// @ts-ignore: decorator
@inline
function blue(pixels: v128): v128 {
  const mask = i8x16(2, -1, -1, -1, 6, -1, -1, -1, 10, -1, -1, -1, 14, -1, -1, -1);
  return f32x4.convert_i32x4_s(i8x16.swizzle(pixels, mask));
}

/** Two pixels side by side at each of two addresses. */
// @ts-ignore: decorator
@inline
function twoPairs(first: usize, second: usize): v128 {
  return v128.load64_lane(second, v128.load64_zero(first), 1);
}

/** The lower halves of four coordinates in a row. */
// @ts-ignore: decorator
@inline
function fractions(at: i64, step: i64): v128 {
  const first = i32x4.replace_lane(i32x4.splat(<i32>at), 1, <i32>(at + step));
  return i32x4.replace_lane(i32x4.replace_lane(first, 2, <i32>(at + 2 * step)), 3, <i32>(at + 3 * step));
}

/** The same as shares 0..1. */
// @ts-ignore: decorator
@inline
function shareOf(bits: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(bits, 8)), f32x4.splat(1.0 / 16777216.0));
}

/** Of the pixel in which a point lies. */
// @ts-ignore: decorator
@inline
function address(x: i64, y: i64, stride: usize): usize {
  return <usize>(y >> 32) * stride + ((<usize>(x >> 32)) << 2);
}

/**
 * `count` points, a multiple of four, from (x, y) on in steps of (dx, dy), of which all four neighbours lie inside the region at `from`. All
 * coordinates are fixed.
 */
function sampleInside(
  from: usize,
  stride: usize,
  x: i64,
  y: i64,
  dx: i64,
  dy: i64,
  count: i32,
  out: usize,
  plane: usize,
): void {
  let shareX = fractions(x, dx);
  let shareY = fractions(y, dy);
  const stepX = i32x4.splat(<i32>(4 * dx));
  const stepY = i32x4.splat(<i32>(4 * dy));
  for (const end = out + ((<usize>count) << 2); out < end; out += 16) {
    const p0 = from + address(x, y, stride);
    x += dx;
    y += dy;
    const p1 = from + address(x, y, stride);
    x += dx;
    y += dy;
    const p2 = from + address(x, y, stride);
    x += dx;
    y += dy;
    const p3 = from + address(x, y, stride);
    x += dx;
    y += dy;
    const upper01 = twoPairs(p0, p1);
    const upper23 = twoPairs(p2, p3);
    const lower01 = twoPairs(p0 + stride, p1 + stride);
    const lower23 = twoPairs(p2 + stride, p3 + stride);
    const a = v128.shuffle<i32>(upper01, upper23, 0, 2, 4, 6);
    const b = v128.shuffle<i32>(upper01, upper23, 1, 3, 5, 7);
    const c = v128.shuffle<i32>(lower01, lower23, 0, 2, 4, 6);
    const d = v128.shuffle<i32>(lower01, lower23, 1, 3, 5, 7);
    const fx = shareOf(shareX);
    const fy = shareOf(shareY);
    v128.store(out, lerp(lerp(red(a), red(b), fx), lerp(red(c), red(d), fx), fy));
    v128.store(out + plane, lerp(lerp(green(a), green(b), fx), lerp(green(c), green(d), fx), fy));
    v128.store(out + 2 * plane, lerp(lerp(blue(a), blue(b), fx), lerp(blue(c), blue(d), fx), fy));
    shareX = i32x4.add(shareX, stepX);
    shareY = i32x4.add(shareY, stepY);
  }
}

/** The points from..to, four or more, of which all four neighbours lie inside the level. The last four may be sampled twice. */
function sampleRun(
  call: Call,
  x0: f64,
  y0: f64,
  from: i32,
  to: i32,
  row: usize,
  plane: usize,
): void {
  const dx = fixedStep(call.dx);
  const dy = fixedStep(call.dy);
  for (let i = from; i < to;) {
    let count = min(to - i, STEPS) & ~3;
    if (count == 0) {
      i = to - 4;
      count = 4;
    }
    const x = fixed(x0 + <f64>i * call.dx - call.regionLeft);
    const y = fixed(y0 + <f64>i * call.dy - call.regionTop);
    const out = row + ((<usize>i) << 2);
    sampleInside(<usize>call.from, <usize>call.stride, x, y, dx, dy, count, out, plane);
    i += count;
  }
}

/** Red, green, blue and alpha of a pixel; of one that is not there `outside`. */
function pixel(call: Call, x: f64, y: f64, outside: f32): v128 {
  const inside = x >= 0 && y >= 0 && x < call.width && y < call.height;
  if (!inside) return f32x4.splat(outside);
  const at = <usize>(call.from + (y - call.regionTop) * call.stride + 4 * (x - call.regionLeft));
  const bytes = v128.load32_zero(at);
  const halves = i16x8.extend_low_i8x16_u(bytes);
  return f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(halves));
}

/** One point near or beyond the border. */
function samplePoint(call: Call, x: f64, y: f64, outside: f32, out: usize, plane: usize): void {
  const xi = floor(x);
  const yi = floor(y);
  const fx = f32x4.splat(<f32>(x - xi));
  const fy = f32x4.splat(<f32>(y - yi));
  const upper = lerp(pixel(call, xi, yi, outside), pixel(call, xi + 1, yi, outside), fx);
  const lower = lerp(pixel(call, xi, yi + 1, outside), pixel(call, xi + 1, yi + 1, outside), fx);
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
  const marginX: f64 = dx == 0 ? 0 : MARGIN;
  const marginY: f64 = dy == 0 ? 0 : MARGIN;
  const limitX = call.width - 1 - 2 * marginX;
  const limitY = call.height - 1 - 2 * marginY;
  let from = firstWithin(x0 - marginX, dx, limitX, touching, end);
  from = max(from, firstWithin(y0 - marginY, dy, limitY, touching, end));
  let to = endWithin(x0 - marginX, dx, limitX, from, end);
  to = min(to, endWithin(y0 - marginY, dy, limitY, from, end));
  if (to - from < 4) to = from;
  for (let i = left; i < touching; i++) fill(row + ((<usize>i) << 2), plane, outside);
  for (let i = touching; i < from; i++)
    samplePoint(call, x0 + <f64>i * dx, y0 + <f64>i * dy, outside, row + ((<usize>i) << 2), plane);
  sampleRun(call, x0, y0, from, to, row, plane);
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
