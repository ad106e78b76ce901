// C = slope(A·B + bias + residual): 1×1 convolutions, and others after their windows are laid out in rows.
import { add, madd, sloped } from './vector';

/** Bytes of A that are worked on with one panel of B after the other, so that they stay in the first cache. */
const BLOCK_BYTES: usize = 16384;

/**
 * Six rows by eight columns. The second four columns go `second` bytes after the first, or nowhere where it is 0.
 *
 * V8 spills a sum within the loop where it has to do so after it, which halves the speed: so the loop is short, and the sums are stored as
 * they are, without a branch.
 */
// @ts-ignore: decorator
@inline
function sums6(
  a: usize,
  depth: usize,
  b: usize,
  bias: usize,
  c: usize,
  rowBytes: usize,
  second: usize,
): void {
  let a0 = a;
  let a1 = a0 + depth;
  let a2 = a1 + depth;
  let a3 = a2 + depth;
  let a4 = a3 + depth;
  let a5 = a4 + depth;
  let c00 = v128.load(bias);
  let c01 = v128.load(bias, 16);
  let c10 = c00;
  let c11 = c01;
  let c20 = c00;
  let c21 = c01;
  let c30 = c00;
  let c31 = c01;
  let c40 = c00;
  let c41 = c01;
  let c50 = c00;
  let c51 = c01;
  const end = a1;
  while (a0 < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a4);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    x = v128.load32_splat(a5);
    c50 = madd(x, b0, c50);
    c51 = madd(x, b1, c51);
    a0 += 4;
    a1 += 4;
    a2 += 4;
    a3 += 4;
    a4 += 4;
    a5 += 4;
    b += 32;
  }
  const c1 = c + rowBytes;
  const c2 = c1 + rowBytes;
  const c3 = c2 + rowBytes;
  const c4 = c3 + rowBytes;
  const c5 = c4 + rowBytes;
  v128.store(c + second, c01);
  v128.store(c, c00);
  v128.store(c1 + second, c11);
  v128.store(c1, c10);
  v128.store(c2 + second, c21);
  v128.store(c2, c20);
  v128.store(c3 + second, c31);
  v128.store(c3, c30);
  v128.store(c4 + second, c41);
  v128.store(c4, c40);
  v128.store(c5 + second, c51);
  v128.store(c5, c50);
}

/** Without slopes. */
function linear6(
  a: usize,
  depth: usize,
  b: usize,
  bias: usize,
  c: usize,
  rowBytes: usize,
  second: usize,
): void {
  sums6(a, depth, b, bias, c, rowBytes, second);
}

/** With slopes. */
function sloped6(
  a: usize,
  depth: usize,
  b: usize,
  bias: usize,
  c: usize,
  rowBytes: usize,
  second: usize,
  slope: usize,
): void {
  sums6(a, depth, b, bias, c, rowBytes, second);
  const slope0 = v128.load(slope);
  const slope1 = v128.load(slope, 16);
  slopeRow(c, second, slope0, slope1);
  slopeRow((c += rowBytes), second, slope0, slope1);
  slopeRow((c += rowBytes), second, slope0, slope1);
  slopeRow((c += rowBytes), second, slope0, slope1);
  slopeRow((c += rowBytes), second, slope0, slope1);
  slopeRow(c + rowBytes, second, slope0, slope1);
}

/** Multiplies what is below zero in eight columns of a row by its column's slope. */
// @ts-ignore: decorator
@inline
function slopeRow(c: usize, second: usize, slope0: v128, slope1: v128): void {
  const c0 = v128.load(c);
  v128.store(c + second, sloped(v128.load(c + second), slope1));
  v128.store(c, sloped(c0, slope0));
}

/** One row by eight columns, without slopes. Four sums of each, since an FMA takes four cycles. */
function linear1(a: usize, depth: usize, b: usize, bias: usize, c: usize, second: usize): void {
  let c00 = v128.load(bias);
  let c01 = v128.load(bias, 16);
  let c10 = f32x4.splat(0);
  let c11 = c10;
  let c20 = c10;
  let c21 = c10;
  let c30 = c10;
  let c31 = c10;
  const end = a + depth;
  while (a < end) {
    const x0 = v128.load32_splat(a);
    c00 = madd(x0, v128.load(b), c00);
    c01 = madd(x0, v128.load(b, 16), c01);
    const x1 = v128.load32_splat(a, 4);
    c10 = madd(x1, v128.load(b, 32), c10);
    c11 = madd(x1, v128.load(b, 48), c11);
    const x2 = v128.load32_splat(a, 8);
    c20 = madd(x2, v128.load(b, 64), c20);
    c21 = madd(x2, v128.load(b, 80), c21);
    const x3 = v128.load32_splat(a, 12);
    c30 = madd(x3, v128.load(b, 96), c30);
    c31 = madd(x3, v128.load(b, 112), c31);
    a += 16;
    b += 128;
  }
  v128.store(c + second, f32x4.add(f32x4.add(c01, c11), f32x4.add(c21, c31)));
  v128.store(c, f32x4.add(f32x4.add(c00, c10), f32x4.add(c20, c30)));
}

/** Adds `halves` groups of four columns to `rows` rows. */
function addRows(
  c: usize,
  rowBytes: usize,
  rows: u32,
  residual: usize,
  residualBytes: usize,
  halves: u32,
): void {
  for (; rows > 0; rows--, c += rowBytes, residual += residualBytes) {
    v128.store(c, add(v128.load(c), residual));
    if (halves > 1) v128.store(c, add(v128.load(c, 16), residual + 16), 16);
  }
}

function slopeRows(c: usize, rowBytes: usize, rows: u32, second: usize, slope: usize): void {
  const slope0 = v128.load(slope);
  const slope1 = v128.load(slope, 16);
  for (; rows > 0; rows--, c += rowBytes) slopeRow(c, second, slope0, slope1);
}

/**
 * `m` rows of A, each `k` floats (a multiple of 4), times B: panels of eight columns, each `k` × 8 floats.
 * `n`, a multiple of 4, is the length of C's rows; `bias` is filled up to a multiple of 8, and `slope`, if
 * not 0, too: what sums below zero are multiplied by. `residual`, if not 0, has rows of `residualN` floats, at most `n`, and is not C.
 * Only the columns from `firstColumn`, a multiple of 8, to `endColumn`, one of 4, are made.
 */
export function gemm(
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
): void {
  const depth = (<usize>k) << 2;
  const rowBytes = (<usize>n) << 2;
  const residualBytes = residual ? (<usize>residualN) << 2 : 0;
  const firstByte = (<usize>firstColumn) << 2;
  const endByte = (<usize>endColumn) << 2;
  const blockRows = max<u32>(6, <u32>(BLOCK_BYTES / depth / 6) * 6);
  for (let first: u32 = 0; first < m; first += blockRows) {
    const rows = min<u32>(m - first, blockRows);
    const whole = rows - (rows % 6);
    for (let column = firstByte; column < endByte; column += 32) {
      const panel = b + column * <usize>k;
      const second: usize = column + 16 < endByte ? 16 : 0;
      const hasResidual = column < residualBytes;
      const slopes = slope + column;
      const to = c + <usize>first * rowBytes + column;
      let from = a + <usize>first * depth;
      let out = to;
      for (let row: u32 = 0; row < whole; row += 6, from += 6 * depth, out += 6 * rowBytes) {
        if (slope && !hasResidual) sloped6(from, depth, panel, bias + column, out, rowBytes, second, slopes);
        else linear6(from, depth, panel, bias + column, out, rowBytes, second);
      }
      const left = out;
      for (let row = whole; row < rows; row++, from += depth, out += rowBytes)
        linear1(from, depth, panel, bias + column, out, second);
      if (hasResidual) {
        const extra = residual + <usize>first * residualBytes + column;
        addRows(to, rowBytes, rows, extra, residualBytes, column + 16 < residualBytes ? 2 : 1);
        if (slope) slopeRows(to, rowBytes, rows, second, slopes);
      } else if (slope) slopeRows(left, rowBytes, rows - whole, second, slopes);
    }
  }
}
