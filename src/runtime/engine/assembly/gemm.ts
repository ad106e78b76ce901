// C = activation(A·B + bias + residual): 1×1 convolutions, and others after their windows are laid out in rows.
import { add, madd, sloped, ZEROS } from './vector';

/** Bytes of A that are worked on with one panel of B after the other, so that they stay in the first cache. */
const BLOCK_BYTES: usize = 16384;

/**
 * Six rows by eight columns; `top` is the last row's index: where it is less than 5, that row is done again. The second four columns go
 * `second` bytes after the first, or nowhere where it is 0. What is added to them has rows of its own, be it of no bytes.
 *
 * V8 spills a sum within the loop where it has to do so after it, which halves the speed: so the loop is short, and the sums are stored
 * as they are, without a branch.
 */
function block6(
  a: usize,
  depth: usize,
  b: usize,
  bias: usize,
  c: usize,
  rowBytes: usize,
  top: u32,
  second: usize,
  added0: usize,
  added1: usize,
  addedBytes0: usize,
  addedBytes1: usize,
): void {
  const r3 = <usize>min<u32>(3, top);
  const r4 = <usize>min<u32>(4, top);
  const r5 = <usize>min<u32>(5, top);
  let a0 = a;
  let a1 = a + depth;
  let a2 = a1 + depth;
  let a3 = a + r3 * depth;
  let a4 = a + r4 * depth;
  let a5 = a + r5 * depth;
  const bias0 = v128.load(bias);
  const bias1 = v128.load(bias, 16);
  let c00 = add(bias0, added0);
  let c01 = add(bias1, added1);
  let c10 = add(bias0, added0 + addedBytes0);
  let c11 = add(bias1, added1 + addedBytes1);
  let c20 = add(bias0, added0 + (addedBytes0 << 1));
  let c21 = add(bias1, added1 + (addedBytes1 << 1));
  let c30 = add(bias0, added0 + r3 * addedBytes0);
  let c31 = add(bias1, added1 + r3 * addedBytes1);
  let c40 = add(bias0, added0 + r4 * addedBytes0);
  let c41 = add(bias1, added1 + r4 * addedBytes1);
  let c50 = add(bias0, added0 + r5 * addedBytes0);
  let c51 = add(bias1, added1 + r5 * addedBytes1);
  const end = a0 + depth;
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
  const c3 = c + r3 * rowBytes;
  const c4 = c + r4 * rowBytes;
  const c5 = c + r5 * rowBytes;
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

/** One row by eight columns. Four sums of each, since an FMA takes four cycles. */
function block1(
  a: usize,
  depth: usize,
  b: usize,
  bias: usize,
  c: usize,
  second: usize,
  added0: usize,
  added1: usize,
): void {
  let c00 = add(v128.load(bias), added0);
  let c01 = add(v128.load(bias, 16), added1);
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
  c00 = f32x4.add(f32x4.add(c00, c10), f32x4.add(c20, c30));
  c01 = f32x4.add(f32x4.add(c01, c11), f32x4.add(c21, c31));
  v128.store(c + second, c01);
  v128.store(c, c00);
}

/** Multiplies what is below zero in `rows` rows by its column's slope. */
function slopeRows(c: usize, rowBytes: usize, rows: u32, second: usize, slope: usize): void {
  const slope0 = v128.load(slope);
  const slope1 = v128.load(slope, 16);
  for (; rows > 0; rows--, c += rowBytes) {
    const c0 = v128.load(c);
    v128.store(c + second, sloped(v128.load(c + second), slope1));
    v128.store(c, sloped(c0, slope0));
  }
}

/**
 * `m` rows of A, each `k` floats (a multiple of 4), times B: panels of eight columns, each `k` × 8 floats.
 * `n`, a multiple of 4, is the length of C's rows; `bias` is filled up to a multiple of 8, and `slope`, if
 * not 0, too: what sums below zero are multiplied by. `residual`, if not 0, has rows of `residualN` floats, at most `n`, and is not C. Only the columns from `firstColumn`, a multiple of 8,
 * to `endColumn`, one of 4, are made.
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
    const last = min<u32>(m, first + blockRows);
    for (let column = firstByte; column < endByte; column += 32) {
      const panel = b + column * <usize>k;
      const second: usize = column + 16 < endByte ? 16 : 0;
      const addedBytes0 = column < residualBytes ? residualBytes : 0;
      const addedBytes1 = column + 16 < residualBytes ? residualBytes : 0;
      for (let row = first; row < last;) {
        const from = a + <usize>row * depth;
        const to = c + <usize>row * rowBytes + column;
        const extra = residual + <usize>row * residualBytes + column;
        const added0 = addedBytes0 ? extra : ZEROS;
        const added1 = addedBytes1 ? extra + 16 : ZEROS;
        const rows = last - row;
        if (rows < 3) {
          block1(from, depth, panel, bias + column, to, second, added0, added1);
          row += 1;
          continue;
        }
        const top = min<u32>(rows, 6) - 1;
        block6(
          from,
          depth,
          panel,
          bias + column,
          to,
          rowBytes,
          top,
          second,
          added0,
          added1,
          addedBytes0,
          addedBytes1,
        );
        row += top + 1;
      }
      const rows = last - first;
      if (slope) slopeRows(c + <usize>first * rowBytes + column, rowBytes, rows, second, slope + column);
    }
  }
}
