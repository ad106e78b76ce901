// C = activation(A·B + bias + residual): 1×1 convolutions, and others after their windows are laid out in rows.
import { activate, madd } from './vector';

/** Bytes of A that are worked on with one panel of B after the other, so that they stay in the first cache. */
const BLOCK_BYTES: usize = 16384;

// @ts-ignore: decorator
@inline
function finish(
  sum: v128,
  out: usize,
  residual: usize,
  activation: u32,
  slope: usize,
): void {
  if (residual) sum = f32x4.add(sum, v128.load(residual));
  v128.store(out, activate(sum, activation, slope));
}

/** Six rows by eight columns. Rows after the last valid one are the same address again. */
function block6(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  a4: usize,
  a5: usize,
  depthBytes: usize,
  b: usize,
  bias: usize,
  tile: usize,
): void {
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
  const end = a0 + depthBytes;
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
  v128.store(tile, c00);
  v128.store(tile, c01, 16);
  v128.store(tile, c10, 32);
  v128.store(tile, c11, 48);
  v128.store(tile, c20, 64);
  v128.store(tile, c21, 80);
  v128.store(tile, c30, 96);
  v128.store(tile, c31, 112);
  v128.store(tile, c40, 128);
  v128.store(tile, c41, 144);
  v128.store(tile, c50, 160);
  v128.store(tile, c51, 176);
}

/** One row by eight columns. Four sums of each, since an FMA takes four cycles. */
function block1(a: usize, depthBytes: usize, b: usize, bias: usize, tile: usize): void {
  let c00 = v128.load(bias);
  let c01 = v128.load(bias, 16);
  let c10 = f32x4.splat(0);
  let c11 = c10;
  let c20 = c10;
  let c21 = c10;
  let c30 = c10;
  let c31 = c10;
  const end = a + depthBytes;
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
  v128.store(tile, f32x4.add(f32x4.add(c00, c10), f32x4.add(c20, c30)));
  v128.store(tile, f32x4.add(f32x4.add(c01, c11), f32x4.add(c21, c31)), 16);
}

/**
 * `m` rows of A, each `k` floats (a multiple of 4), times B: panels of eight columns, each `k` × 8 floats.
 * `n`, a multiple of 4, is the length of C's rows; `bias` and `slope` are filled up to a multiple of 8.
 * `residual`, if not 0, has rows of `residualN` floats, at most `n`. `tile` is 192 bytes of scratch.
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
  tile: usize,
): void {
  const depth = (<usize>k) << 2;
  const rowBytes = (<usize>n) << 2;
  const residualBytes = (<usize>residualN) << 2;
  const blockRows = max<u32>(6, <u32>(BLOCK_BYTES / depth / 6) * 6);
  for (let first: u32 = 0; first < m; first += blockRows) {
    const last = min<u32>(m, first + blockRows);
    for (let column: usize = 0; column < rowBytes; column += 32) {
      const panel = b + column * <usize>k;
      const halves: u32 = column + 16 < rowBytes ? 2 : 1;
      for (let row = first; row < last; ) {
        const a0 = a + <usize>row * depth;
        let rows = last - row;
        if (rows < 3) {
          rows = 1;
          block1(a0, depth, panel, bias + column, tile);
        } else {
          rows = min<u32>(rows, 6);
          const top = rows - 1;
          block6(
            a0,
            a0 + depth,
            a0 + 2 * depth,
            a0 + <usize>min<u32>(3, top) * depth,
            a0 + <usize>min<u32>(4, top) * depth,
            a0 + <usize>min<u32>(5, top) * depth,
            depth,
            panel,
            bias + column,
            tile,
          );
        }
        for (let r: u32 = 0; r < rows; r++) {
          const out = c + <usize>(row + r) * rowBytes + column;
          const sums = tile + ((<usize>r) << 5);
          const at = residual + <usize>(row + r) * residualBytes + column;
          const with0 = residual != 0 && column < residualBytes;
          finish(v128.load(sums), out, with0 ? at : 0, activation, slope + column);
          if (halves == 2) {
            const with1 = residual != 0 && column + 16 < residualBytes;
            finish(v128.load(sums, 16), out + 16, with1 ? at + 16 : 0, activation, slope + column + 16);
          }
        }
        row += rows;
      }
    }
  }
}
