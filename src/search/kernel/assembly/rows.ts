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
