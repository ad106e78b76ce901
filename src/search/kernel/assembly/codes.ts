// Compact codes: two bits for each number of a rotated vector. See docs/search-kernel.md.
import { lookUp } from './vector';

/** Rows of a block. */
const BLOCK: u32 = 16;

/** Turns every number's sign where `signs` is negative, then mixes `size` numbers (a power of two) evenly. */
function mix(data: usize, signs: usize, size: u32): void {
  const end = data + (<usize>size << 2);
  const scale = f32x4.splat(<f32>(1.0 / Math.sqrt(<f64>size)));
  // The two smallest strides lie within a vector.
  for (let at = data; at < end; at += 16) {
    const x = f32x4.mul(f32x4.mul(v128.load(at), v128.load(signs)), scale);
    signs += 16;
    const even = v128.shuffle<f32>(x, x, 0, 0, 2, 2);
    const odd = v128.shuffle<f32>(x, x, 1, 1, 3, 3);
    const pairs = f32x4.add(even, f32x4.mul(odd, f32x4(1, -1, 1, -1)));
    const low = v128.shuffle<f32>(pairs, pairs, 0, 1, 0, 1);
    const high = v128.shuffle<f32>(pairs, pairs, 2, 3, 2, 3);
    v128.store(at, f32x4.add(low, f32x4.mul(high, f32x4(1, 1, -1, -1))));
  }
  for (let stride: usize = 16; stride < end - data; stride <<= 1) {
    for (let block = data; block < end; block += stride << 1) {
      const half = block + stride;
      for (let at = block; at < half; at += 16) {
        const a = v128.load(at);
        const b = v128.load(at + stride);
        v128.store(at, f32x4.add(a, b));
        v128.store(at + stride, f32x4.sub(a, b));
      }
    }
  }
}

/**
 * Rotates `count` vectors in place, `stride` bytes apart, by `rounds` rounds of random signs (`signs`, ±1, a
 * vector of `padded` for each half of a round) and a fast Walsh–Hadamard transform of `size` numbers: the first
 * `size`, then the last `size` of the `padded` ones, so that any length of a multiple of 4 is mixed without
 * growing to a power of two.
 */
export function rotate(
  data: usize,
  count: u32,
  stride: usize,
  padded: u32,
  size: u32,
  signs: usize,
  rounds: u32,
): void {
  const tail = <usize>(padded - size) << 2;
  const signBytes = <usize>size << 2;
  for (let row: u32 = 0; row < count; row++) {
    let from = signs;
    for (let round: u32 = 0; round < rounds; round++) {
      mix(data, from, size);
      from += signBytes;
      if (tail > 0) mix(data + tail, from, size);
      from += signBytes;
    }
    data += stride;
  }
}

/**
 * Writes the codes of `count` rotated vectors to `out`, row by row: for each number how many of −edge, 0 and edge
 * it exceeds. Byte j of a row has the codes of the numbers 4j to 4j+3, low bits first.
 */
export function encode(
  data: usize,
  count: u32,
  stride: usize,
  codeBytes: u32,
  out: usize,
  edge: f32,
): void {
  const high = f32x4.splat(edge);
  const low = f32x4.splat(-edge);
  const zero = f32x4.splat(0);
  const weights = i32x4(1, 4, 16, 64);
  for (let i: u32 = 0; i < count; i++) {
    let from = data + <usize>i * stride;
    for (let j: u32 = 0; j < codeBytes; j++) {
      const x = v128.load(from);
      const above = i32x4.add(i32x4.add(f32x4.gt(x, low), f32x4.gt(x, zero)), f32x4.gt(x, high));
      const parts = i32x4.mul(i32x4.neg(above), weights);
      const sum =
        i32x4.extract_lane(parts, 0) +
        i32x4.extract_lane(parts, 1) +
        i32x4.extract_lane(parts, 2) +
        i32x4.extract_lane(parts, 3);
      store<u8>(out, <u8>sum);
      from += 16;
      out += 1;
    }
  }
}

/** Puts `count` codes that lie row by row into blocks, from row `first` on. */
export function placeCodes(codes: usize, count: u32, codeBytes: u32, blocks: usize, first: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const row = first + i;
    let out = blocks + <usize>(row / BLOCK) * (<usize>codeBytes * BLOCK) + (row % BLOCK);
    for (let j: u32 = 0; j < codeBytes; j++) {
      store<u8>(out, load<u8>(codes));
      codes += 1;
      out += BLOCK;
    }
  }
}

/** Copies the code of row `from` over that of row `to`. */
export function moveCode(codeBytes: u32, blocks: usize, from: u32, to: u32): void {
  const blockBytes = <usize>codeBytes * BLOCK;
  let source = blocks + <usize>(from / BLOCK) * blockBytes + (from % BLOCK);
  let target = blocks + <usize>(to / BLOCK) * blockBytes + (to % BLOCK);
  for (let j: u32 = 0; j < codeBytes; j++) {
    store<u8>(target, load<u8>(source));
    source += BLOCK;
    target += BLOCK;
  }
}

/** Overwrites the code of a row with zeros. */
export function eraseCode(codeBytes: u32, blocks: usize, row: u32): void {
  let at = blocks + <usize>(row / BLOCK) * (<usize>codeBytes * BLOCK) + (row % BLOCK);
  for (let j: u32 = 0; j < codeBytes; j++) {
    store<u8>(at, 0);
    at += BLOCK;
  }
}

/** Bytes of the tables whose entries are summed in a byte. */
const CHUNK: usize = 256;

/** The sum of four table entries for each of 16 rows: the rows' code bytes j and j + 1 lie at `block`. */
// @ts-ignore: decorator
@inline
function entries(t0: v128, t1: v128, t2: v128, t3: v128, block: usize, low: v128): v128 {
  const first = v128.load(block);
  const second = v128.load(block, 16);
  const a = i8x16.add(
    lookUp(t0, v128.and(first, low)),
    lookUp(t1, v128.and(i16x8.shr_u(first, 4), low)),
  );
  const b = i8x16.add(
    lookUp(t2, v128.and(second, low)),
    lookUp(t3, v128.and(i16x8.shr_u(second, 4), low)),
  );
  return i8x16.add(a, b);
}

/**
 * The rows of a block, a bit each, whose sum is at least the limit. The sums `all` of even rows carry the `odd`
 * ones in their upper byte.
 */
// @ts-ignore: decorator
@inline
export function rowsAbove(all: v128, odd: v128, limit: v128): u32 {
  const even = i16x8.sub(all, i16x8.shl(odd, 8));
  const hit = v128.bitselect(i16x8.ge_u(even, limit), i16x8.ge_u(odd, limit), i16x8.splat(0x00ff));
  return <u32>i8x16.bitmask(hit);
}

/** Writes the rows of a block whose sum is at least the limit and whose bit is set in `wanted`. */
export function emitSums(
  all: v128,
  odd: v128,
  limit: v128,
  wanted: u32,
  firstRow: u32,
  sums: usize,
  out: usize,
): usize {
  let hits = rowsAbove(all, odd, limit) & wanted;
  if (hits == 0) return out;
  v128.store(sums, i16x8.sub(all, i16x8.shl(odd, 8)));
  v128.store(sums, odd, 16);
  while (hits) {
    const row = ctz(hits);
    store<u32>(out, firstRow + row);
    store<u32>(out, load<u16>(sums + ((row & 1) << 4) + (row & 14)), 4);
    out += 8;
    hits &= hits - 1;
  }
  return out;
}

/**
 * Estimates the rows of a panel: the sum of a table's entries over each row's codes. Rows whose filter bit is set
 * and whose sum is at least `threshold` are written to `out` as pairs (u32 row from `firstRow` on, u32 sum).
 * Returns how many. A panel is four runs of `count` blocks, one after the other; block i of each run is looked up
 * in the same step, because four distant streams keep more memory reads in flight than one. `tables` has two
 * tables of 16 bytes for every code byte: for its low and for its high four bits; the greatest entries of a chunk of
 * 16 tables add up to 255 at most. `codeBytes` is even.
 */
export function scanCodes(
  tables: usize,
  panel: usize,
  count: u32,
  codeBytes: u32,
  filter: usize,
  threshold: u32,
  firstRow: u32,
  sums: usize,
  out: usize,
): u32 {
  const low = i8x16.splat(0x0f);
  const limit = i16x8.splat(<i16>threshold);
  const blockBytes = <usize>codeBytes << 4;
  const runBytes = <usize>count * blockBytes;
  const tablesEnd = tables + (<usize>codeBytes << 5);
  const filterRun = <usize>count << 1;
  const runRows = count << 4;
  let to = out;
  for (let i: u32 = 0; i < count; i++) {
    const w0 = <u32>load<u16>(filter);
    const w1 = <u32>load<u16>(filter + filterRun);
    const w2 = <u32>load<u16>(filter + filterRun * 2);
    const w3 = <u32>load<u16>(filter + filterRun * 3);
    filter += 2;
    if (w0 | w1 | w2 | w3) {
      let b0 = panel;
      let b1 = panel + runBytes;
      let b2 = b1 + runBytes;
      let b3 = b2 + runBytes;
      // The sums of even rows carry those of odd rows in their upper byte, which is taken off at the end.
      let all0 = i16x8.splat(0),
        odd0 = all0,
        all1 = all0,
        odd1 = all0,
        all2 = all0,
        odd2 = all0,
        all3 = all0,
        odd3 = all0;
      for (let t = tables; t < tablesEnd;) {
        const chunkEnd = min(t + CHUNK, tablesEnd);
        let e0 = i8x16.splat(0),
          e1 = e0,
          e2 = e0,
          e3 = e0;
        for (; t < chunkEnd; t += 64) {
          const t0 = v128.load(t),
            t1 = v128.load(t, 16),
            t2 = v128.load(t, 32),
            t3 = v128.load(t, 48);
          e0 = i8x16.add(e0, entries(t0, t1, t2, t3, b0, low));
          e1 = i8x16.add(e1, entries(t0, t1, t2, t3, b1, low));
          e2 = i8x16.add(e2, entries(t0, t1, t2, t3, b2, low));
          e3 = i8x16.add(e3, entries(t0, t1, t2, t3, b3, low));
          b0 += 32;
          b1 += 32;
          b2 += 32;
          b3 += 32;
        }
        all0 = i16x8.add(all0, e0);
        odd0 = i16x8.add(odd0, i16x8.shr_u(e0, 8));
        all1 = i16x8.add(all1, e1);
        odd1 = i16x8.add(odd1, i16x8.shr_u(e1, 8));
        all2 = i16x8.add(all2, e2);
        odd2 = i16x8.add(odd2, i16x8.shr_u(e2, 8));
        all3 = i16x8.add(all3, e3);
        odd3 = i16x8.add(odd3, i16x8.shr_u(e3, 8));
      }
      to = emitSums(all0, odd0, limit, w0, firstRow, sums, to);
      to = emitSums(all1, odd1, limit, w1, firstRow + runRows, sums, to);
      to = emitSums(all2, odd2, limit, w2, firstRow + runRows * 2, sums, to);
      to = emitSums(all3, odd3, limit, w3, firstRow + runRows * 3, sums, to);
    }
    panel += blockBytes;
    firstRow += BLOCK;
  }
  return <u32>((to - out) >> 3);
}
