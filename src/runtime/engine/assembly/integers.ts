// C = slope(A·B + bias + residual) as `gemm` makes it, with the products summed up in integers: A's numbers are rounded to 16 bits, each row by
// a scale of its own; B's are integers by a scale for each column. On x86 that is 1.5 times as fast as fused multiply-adds: one instruction
// multiplies eight numbers and adds them up in pairs, and the sums are exact.
import { sloped, ZEROS } from './vector';

/** Bytes of rows as integers that are worked on with one panel of B after the other. */
const BLOCK_BYTES: usize = 16384;

/** Most rows of a block. */
const BLOCK_ROWS: u32 = 256;

/** Bytes of the rows' scales. */
const SCALE_BYTES: usize = 1024;

/** Bytes that a thread needs for a block: its scales, its rows, and what is written beyond the last one. `../kernel.ts` has the same number. */
export const BLOCK_ROOM: usize = SCALE_BYTES + BLOCK_BYTES + 64;

/** Added to a number of at most 22 bits, this leaves it rounded, to the nearest and to even, in the sum's last bits. */
const ROUNDING: f32 = 12582912;

/**
 * A row of `k` floats as integers up to `most`, and the scale that makes floats of them again. Eight are read and written at a time: four
 * of them may be the next row's.
 */
function toIntegers(row: usize, k: u32, most: f32, out: usize, scale: usize): void {
  const end = row + ((<usize>k) << 2);
  // Bits of floats above zero are in the order of the floats, those of NaN above all: so a row with NaN gets it as its scale, and stays NaN.
  let largest = i32x4.splat(0);
  for (let at = row; at < end; at += 16) largest = i32x4.max_s(largest, f32x4.abs(v128.load(at)));
  const top = max<f32>(
    max<f32>(f32x4.extract_lane(largest, 0), f32x4.extract_lane(largest, 1)),
    max<f32>(f32x4.extract_lane(largest, 2), f32x4.extract_lane(largest, 3)),
  );
  store<f32>(scale, top / most);
  const factor = f32x4.splat(top > 0 ? most / top : 0);
  const rounding = f32x4.splat(ROUNDING);
  const bits = i32x4.splat(0x4b400000);
  for (let at = row; at < end; at += 32, out += 16) {
    const low = f32x4.add(f32x4.mul(v128.load(at), factor), rounding);
    const high = f32x4.add(f32x4.mul(v128.load(at, 16), factor), rounding);
    v128.store(out, i16x8.narrow_i32x4_s(i32x4.sub(low, bits), i32x4.sub(high, bits)));
  }
}

/** Adds the products of a pair of a row's numbers and those of four columns. */
// @ts-ignore: decorator
@inline
function addProducts(sum: v128, pair: v128, columns: v128): v128 {
  return i32x4.add(sum, i32x4.dot_i16x8_s(pair, columns));
}

/**
 * Four rows by eight columns, as integers; `top` is the last row's index: where it is less than 3, that row is done again. The second four
 * columns go `second` bytes after the first, or nowhere where it is 0. As short as it is for V8: see `gemm.ts`.
 */
function block4(a: usize, depth: usize, b: usize, c: usize, rowBytes: usize, top: u32, second: usize): void {
  const r1 = <usize>min<u32>(1, top);
  const r2 = <usize>min<u32>(2, top);
  const r3 = <usize>min<u32>(3, top);
  let a0 = a;
  let a1 = a + r1 * depth;
  let a2 = a + r2 * depth;
  let a3 = a + r3 * depth;
  let c00 = i32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  const end = a0 + depth;
  while (a0 < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a0);
    c00 = addProducts(c00, x, b0);
    c01 = addProducts(c01, x, b1);
    x = v128.load32_splat(a1);
    c10 = addProducts(c10, x, b0);
    c11 = addProducts(c11, x, b1);
    x = v128.load32_splat(a2);
    c20 = addProducts(c20, x, b0);
    c21 = addProducts(c21, x, b1);
    x = v128.load32_splat(a3);
    c30 = addProducts(c30, x, b0);
    c31 = addProducts(c31, x, b1);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    b += 32;
  }
  const c1 = c + r1 * rowBytes;
  const c2 = c + r2 * rowBytes;
  const c3 = c + r3 * rowBytes;
  v128.store(c + second, c01);
  v128.store(c, c00);
  v128.store(c1 + second, c11);
  v128.store(c1, c10);
  v128.store(c2 + second, c21);
  v128.store(c2, c20);
  v128.store(c3 + second, c31);
  v128.store(c3, c30);
}

/** One row by eight columns, as integers. */
function block1(a: usize, depth: usize, b: usize, c: usize, second: usize): void {
  let c0 = i32x4.splat(0);
  let c1 = c0;
  for (const end = a + depth; a < end; a += 4, b += 32) {
    const x = v128.load32_splat(a);
    c0 = addProducts(c0, x, v128.load(b));
    c1 = addProducts(c1, x, v128.load(b, 16));
  }
  v128.store(c + second, c1);
  v128.store(c, c0);
}

/** Makes floats of the integers of `rows` rows: times the row's and the column's scale, plus bias and residual, by the slope. */
function toFloats(
  c: usize,
  rowBytes: usize,
  rows: u32,
  second: usize,
  rowScales: usize,
  scales: usize,
  bias: usize,
  slope: usize,
  added0: usize,
  added1: usize,
  addedBytes0: usize,
  addedBytes1: usize,
): void {
  const scale0 = v128.load(scales);
  const scale1 = v128.load(scales, 16);
  const bias0 = v128.load(bias);
  const bias1 = v128.load(bias, 16);
  const slope0 = v128.load(slope);
  const slope1 = v128.load(slope, 16);
  for (; rows > 0; rows--, c += rowBytes, rowScales += 4) {
    const scale = v128.load32_splat(rowScales);
    const sum0 = f32x4.mul(f32x4.convert_i32x4_s(v128.load(c)), f32x4.mul(scale, scale0));
    const sum1 = f32x4.mul(f32x4.convert_i32x4_s(v128.load(c + second)), f32x4.mul(scale, scale1));
    const more0 = f32x4.add(bias0, v128.load(added0));
    const more1 = f32x4.add(bias1, v128.load(added1));
    v128.store(c + second, sloped(f32x4.add(sum1, more1), slope1));
    v128.store(c, sloped(f32x4.add(sum0, more0), slope0));
    added0 += addedBytes0;
    added1 += addedBytes1;
  }
}

/**
 * `m` rows of A, each `k` floats (a multiple of 4, at most 2048), times B: panels of eight columns, for each two rows of B the sixteen
 * integers by columns. All but these is as for `gemm`, but that `slope` is never 0. B's numbers are the integers by `scales`, filled up to
 * a multiple of 8; A's rows become integers up to `most`, at which no sum exceeds 31 bits. `room` is this thread's, for a block.
 */
export function gemmIntegers(
  a: usize,
  b: usize,
  bias: usize,
  c: usize,
  m: u32,
  k: u32,
  n: u32,
  residual: usize,
  residualN: u32,
  slope: usize,
  firstColumn: u32,
  endColumn: u32,
  scales: usize,
  most: u32,
  room: usize,
): void {
  const depth = (<usize>k) << 1;
  const rowBytes = (<usize>n) << 2;
  const residualBytes = residual ? (<usize>residualN) << 2 : 0;
  const firstByte = (<usize>firstColumn) << 2;
  const endByte = (<usize>endColumn) << 2;
  const blockRows = min<u32>(BLOCK_ROWS, <u32>(BLOCK_BYTES / depth / 4) * 4);
  const rows = room + SCALE_BYTES;
  for (let first: u32 = 0; first < m; first += blockRows) {
    const count = min<u32>(m - first, blockRows);
    for (let row: u32 = 0; row < count; row++)
      toIntegers(
        a + <usize>(first + row) * (depth << 1),
        k,
        <f32>most,
        rows + <usize>row * depth,
        room + ((<usize>row) << 2),
      );
    for (let column = firstByte; column < endByte; column += 32) {
      const panel = b + ((column * <usize>k) >> 1);
      const second: usize = column + 16 < endByte ? 16 : 0;
      const addedBytes0 = column < residualBytes ? residualBytes : 0;
      const addedBytes1 = column + 16 < residualBytes ? residualBytes : 0;
      const to = c + <usize>first * rowBytes + column;
      for (let row: u32 = 0; row < count; row += 4) {
        const left = count - row;
        const from = rows + <usize>row * depth;
        const out = to + <usize>row * rowBytes;
        if (left == 1) block1(from, depth, panel, out, second);
        else block4(from, depth, panel, out, rowBytes, min<u32>(left, 4) - 1, second);
      }
      const extra = residual + <usize>first * residualBytes + column;
      toFloats(
        to,
        rowBytes,
        count,
        second,
        room,
        scales + column,
        bias + column,
        slope + column,
        addedBytes0 ? extra : ZEROS,
        addedBytes1 ? extra + 16 : ZEROS,
        addedBytes0,
        addedBytes1,
      );
    }
  }
}
