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

/** Scores `count` float rows, whose numbers stand at `list` (u32), into `scores` (f32). */
export function scoreRows(
  probe: usize,
  rows: usize,
  rowBytes: usize,
  list: usize,
  count: u32,
  scores: usize,
): void {
  const end = list + ((<usize>count) << 2);
  for (; list + 16 <= end; list += 16) {
    const r0 = rows + <usize>load<u32>(list) * rowBytes;
    const r1 = rows + <usize>load<u32>(list, 4) * rowBytes;
    const r2 = rows + <usize>load<u32>(list, 8) * rowBytes;
    const r3 = rows + <usize>load<u32>(list, 12) * rowBytes;
    v128.store(scores, dotFour(probe, r0, r1, r2, r3, rowBytes));
    scores += 16;
  }
  for (; list < end; list += 4) {
    store<f32>(scores, dot(probe, rows + <usize>load<u32>(list) * rowBytes, rowBytes));
    scores += 4;
  }
}

/** The same for rows of signed bytes; a score is `scale` × the sum of the products with the float probe. */
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
  for (; list < end; list += 4) {
    let row = rows + <usize>load<u32>(list) * rowBytes;
    const rowEnd = row + rowBytes;
    let p = probe;
    let even = f32x4.splat(0);
    let odd = f32x4.splat(0);
    for (; row < rowEnd; row += 16) {
      const bytes = v128.load(row);
      const low = i16x8.extend_low_i8x16_s(bytes);
      const high = i16x8.extend_high_i8x16_s(bytes);
      even = fma(v128.load(p), f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(low)), even);
      odd = fma(v128.load(p, 16), f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(low)), odd);
      even = fma(v128.load(p, 32), f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(high)), even);
      odd = fma(v128.load(p, 48), f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(high)), odd);
      p += 64;
    }
    store<f32>(scores, scale * total(even, odd));
    scores += 4;
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
