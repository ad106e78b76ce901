// Scores of chosen rows.
import { fma, total } from './vector';

/** The dot product of the probe with one float row: the same order of sums as in the scan. */
export function dot(probe: usize, row: usize, rowBytes: usize): f32 {
  let even = f32x4.splat(0);
  let odd = f32x4.splat(0);
  const end = row + rowBytes;
  while (row < end) {
    even = fma(v128.load(probe), v128.load(row), even);
    odd = fma(v128.load(probe, 16), v128.load(row, 16), odd);
    probe += 32;
    row += 32;
  }
  return total(even, odd);
}

/** The same for four rows at once: distant rows keep more memory reads in flight than one. */
// @ts-ignore: decorator
@inline
export function dotFour(probe: usize, r0: usize, r1: usize, r2: usize, r3: usize, rowBytes: usize): v128 {
  let a = f32x4.splat(0);
  let b = a,
    c = a,
    d = a,
    e = a,
    f = a,
    g = a,
    h = a;
  const end = r0 + rowBytes;
  while (r0 < end) {
    const even = v128.load(probe);
    a = fma(even, v128.load(r0), a);
    b = fma(even, v128.load(r1), b);
    c = fma(even, v128.load(r2), c);
    d = fma(even, v128.load(r3), d);
    const odd = v128.load(probe, 16);
    e = fma(odd, v128.load(r0, 16), e);
    f = fma(odd, v128.load(r1, 16), f);
    g = fma(odd, v128.load(r2, 16), g);
    h = fma(odd, v128.load(r3, 16), h);
    probe += 32;
    r0 += 32;
    r1 += 32;
    r2 += 32;
    r3 += 32;
  }
  const first = f32x4.replace_lane(f32x4.splat(total(a, e)), 1, total(b, f));
  return f32x4.replace_lane(f32x4.replace_lane(first, 2, total(c, g)), 3, total(d, h));
}

/** The row whose number stands at `at`, or that of the last one before `end`: rows are scored four at a time. */
// @ts-ignore: decorator
@inline
function listed(rows: usize, rowBytes: usize, at: usize, end: usize): usize {
  return rows + <usize>load<u32>(min(at, end - 4)) * rowBytes;
}

/**
 * Scores `count` float rows, whose numbers stand at `list` (u32), into `scores` (f32), where there is room for a
 * multiple of four.
 */
export function scoreRows(
  probe: usize,
  rows: usize,
  rowBytes: usize,
  list: usize,
  count: u32,
  scores: usize,
): void {
  const end = list + ((<usize>count) << 2);
  for (; list < end; list += 16) {
    const r0 = listed(rows, rowBytes, list, end);
    const r1 = listed(rows, rowBytes, list + 4, end);
    const r2 = listed(rows, rowBytes, list + 8, end);
    const r3 = listed(rows, rowBytes, list + 12, end);
    v128.store(scores, dotFour(probe, r0, r1, r2, r3, rowBytes));
    scores += 16;
  }
}

/** Adds the products of 16 signed bytes with as many 16-bit numbers of the probe. */
// @ts-ignore: decorator
@inline
function addBytes(sum: v128, bytes: v128, low: v128, high: v128): v128 {
  const first = i32x4.dot_i16x8_s(low, i16x8.extend_low_i8x16_s(bytes));
  return i32x4.add(sum, i32x4.add(first, i32x4.dot_i16x8_s(high, i16x8.extend_high_i8x16_s(bytes))));
}

// @ts-ignore: decorator
@inline
function totalOf(sum: v128): f32 {
  const low = i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1);
  return <f32>(low + i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3));
}

/**
 * The same for rows of signed bytes and a probe of 16-bit numbers, which must be too small for a sum of 32 bits to
 * overflow; a score is `scale` × the sum of the products.
 */
export function scoreBytes(
  probe: usize,
  rows: usize,
  rowBytes: usize,
  list: usize,
  count: u32,
  scores: usize,
  scale: f32,
): void {
  const end = list + ((<usize>count) << 2);
  for (; list < end; list += 16) {
    let r0 = listed(rows, rowBytes, list, end);
    let r1 = listed(rows, rowBytes, list + 4, end);
    let r2 = listed(rows, rowBytes, list + 8, end);
    let r3 = listed(rows, rowBytes, list + 12, end);
    let a = i32x4.splat(0);
    let b = a,
      c = a,
      d = a;
    const rowEnd = r0 + rowBytes;
    for (let p = probe; r0 < rowEnd; p += 32) {
      const low = v128.load(p);
      const high = v128.load(p, 16);
      a = addBytes(a, v128.load(r0), low, high);
      b = addBytes(b, v128.load(r1), low, high);
      c = addBytes(c, v128.load(r2), low, high);
      d = addBytes(d, v128.load(r3), low, high);
      r0 += 16;
      r1 += 16;
      r2 += 16;
      r3 += 16;
    }
    store<f32>(scores, scale * totalOf(a));
    store<f32>(scores, scale * totalOf(b), 4);
    store<f32>(scores, scale * totalOf(c), 8);
    store<f32>(scores, scale * totalOf(d), 12);
    scores += 16;
  }
}

/** Rounds `count` × `floats` numbers, × `scale`, to signed bytes at `out`. */
export function toBytes(data: usize, count: usize, scale: f32, out: usize): void {
  const end = data + (count << 2);
  const s = f32x4.splat(scale);
  const most = f32x4.splat(127);
  const least = f32x4.splat(-127);
  for (; data < end; data += 16) {
    const x = f32x4.nearest(f32x4.min(f32x4.max(f32x4.mul(v128.load(data), s), least), most));
    const words = i32x4.trunc_sat_f32x4_s(x);
    const halves = i16x8.narrow_i32x4_s(words, words);
    const bytes = i8x16.narrow_i16x8_s(halves, halves);
    store<u32>(out, i32x4.extract_lane(bytes, 0));
    out += 4;
  }
}
