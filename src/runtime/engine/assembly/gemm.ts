// C = activation(A·B + bias + residual): 1×1 convolutions, and others after their windows are laid out in rows.
import { activate, add, madd } from './vector';

/** Bytes of A that are worked on with one panel of B after the other, so that they stay in the first cache. */
const BLOCK_BYTES: usize = 16384;

/**
 * Six rows by eight columns; `top` is the last row's index: where it is less than 5, that row is done again.
 * `halves` and `residualHalves` say how many of the two groups of four columns exist.
 */
function block6(
  a: usize,
  depth: usize,
  b: usize,
  bias: usize,
  c: usize,
  rowBytes: usize,
  top: u32,
  halves: u32,
  residual: usize,
  residualBytes: usize,
  residualHalves: u32,
  activation: u32,
  slope: usize,
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
  const end = a0 + depth;
  while (a0 < end) {
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
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

    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = v128.load32_splat(a0, 4);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2, 4);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3, 4);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a4, 4);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    x = v128.load32_splat(a5, 4);
    c50 = madd(x, b0, c50);
    c51 = madd(x, b1, c51);

    b0 = v128.load(b, 64);
    b1 = v128.load(b, 80);
    x = v128.load32_splat(a0, 8);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1, 8);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3, 8);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a4, 8);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    x = v128.load32_splat(a5, 8);
    c50 = madd(x, b0, c50);
    c51 = madd(x, b1, c51);

    b0 = v128.load(b, 96);
    b1 = v128.load(b, 112);
    x = v128.load32_splat(a0, 12);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a1, 12);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a2, 12);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a3, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    x = v128.load32_splat(a4, 12);
    c40 = madd(x, b0, c40);
    c41 = madd(x, b1, c41);
    x = v128.load32_splat(a5, 12);
    c50 = madd(x, b0, c50);
    c51 = madd(x, b1, c51);
    a0 += 16;
    a1 += 16;
    a2 += 16;
    a3 += 16;
    a4 += 16;
    a5 += 16;
    b += 128;
  }
  if (residualHalves) {
    const p1 = residual + residualBytes;
    const p2 = p1 + residualBytes;
    const p3 = residual + r3 * residualBytes;
    const p4 = residual + r4 * residualBytes;
    const p5 = residual + r5 * residualBytes;
    c00 = add(c00, residual);
    c10 = add(c10, p1);
    c20 = add(c20, p2);
    c30 = add(c30, p3);
    c40 = add(c40, p4);
    c50 = add(c50, p5);
    if (residualHalves == 2) {
      c01 = add(c01, residual + 16);
      c11 = add(c11, p1 + 16);
      c21 = add(c21, p2 + 16);
      c31 = add(c31, p3 + 16);
      c41 = add(c41, p4 + 16);
      c51 = add(c51, p5 + 16);
    }
  }
  const c1 = c + rowBytes;
  const c2 = c1 + rowBytes;
  const c3 = c + r3 * rowBytes;
  const c4 = c + r4 * rowBytes;
  const c5 = c + r5 * rowBytes;
  v128.store(c, activate(c00, activation, slope));
  v128.store(c1, activate(c10, activation, slope));
  v128.store(c2, activate(c20, activation, slope));
  v128.store(c3, activate(c30, activation, slope));
  v128.store(c4, activate(c40, activation, slope));
  v128.store(c5, activate(c50, activation, slope));
  if (halves < 2) return;
  slope += 16;
  v128.store(c, activate(c01, activation, slope), 16);
  v128.store(c1, activate(c11, activation, slope), 16);
  v128.store(c2, activate(c21, activation, slope), 16);
  v128.store(c3, activate(c31, activation, slope), 16);
  v128.store(c4, activate(c41, activation, slope), 16);
  v128.store(c5, activate(c51, activation, slope), 16);
}

/** One row by eight columns. Four sums of each, since an FMA takes four cycles. */
function block1(
  a: usize,
  depth: usize,
  b: usize,
  bias: usize,
  c: usize,
  halves: u32,
  residual: usize,
  residualHalves: u32,
  activation: u32,
  slope: usize,
): void {
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
  c00 = f32x4.add(f32x4.add(c00, c10), f32x4.add(c20, c30));
  c01 = f32x4.add(f32x4.add(c01, c11), f32x4.add(c21, c31));
  if (residualHalves > 0) c00 = add(c00, residual);
  if (residualHalves > 1) c01 = add(c01, residual + 16);
  v128.store(c, activate(c00, activation, slope));
  if (halves == 2) v128.store(c, activate(c01, activation, slope + 16), 16);
}

/** How many of the two groups of four columns at `column` a row of `bytes` has. */
// @ts-ignore: decorator
@inline
function halvesAt(column: usize, bytes: usize): u32 {
  return column >= bytes ? 0 : column + 16 < bytes ? 2 : 1;
}

/**
 * `m` rows of A, each `k` floats (a multiple of 4), times B: panels of eight columns, each `k` × 8 floats.
 * `n`, a multiple of 4, is the length of C's rows; `bias` and `slope` are filled up to a multiple of 8.
 * `residual`, if not 0, has rows of `residualN` floats, at most `n`, and is not C. Only the columns from `firstColumn`, a multiple of 8,
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
  activation: u32,
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
      const halves = halvesAt(column, endByte);
      const added = halvesAt(column, residualBytes);
      const offset = bias + column;
      const slopes = slope + column;
      for (let row = first; row < last;) {
        const from = a + <usize>row * depth;
        const to = c + <usize>row * rowBytes + column;
        const extra = residual + <usize>row * residualBytes + column;
        const rows = last - row;
        if (rows < 3) {
          block1(from, depth, panel, offset, to, halves, extra, added, activation, slopes);
          row += 1;
          continue;
        }
        const top = min<u32>(rows, 6) - 1;
        block6(
          from,
          depth,
          panel,
          offset,
          to,
          rowBytes,
          top,
          halves,
          extra,
          residualBytes,
          added,
          activation,
          slopes,
        );
        row += top + 1;
      }
    }
  }
}
