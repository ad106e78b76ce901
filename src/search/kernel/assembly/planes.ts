// Codes of several probes at a time, as two planes of bits. See docs/search-kernel.md.
import { emitSums, rowsAbove } from './codes';
import { lookUp } from './vector';

/** A tile is two blocks of 16 rows. */
const TILE_BLOCKS: u32 = 2;
/** Probes that a call looks up. */
const PROBES: u32 = 4;
/** Groups whose entries fit in a byte together. */
const CHUNK: u32 = 16;
/** Bytes of a group of a tile, one for every row. */
const TILE_STEP: usize = 32;
/** Bytes of a group's tables, 16 for every probe. */
const TABLES_STEP: usize = 64;
/** The sums of a block for a probe: two vectors of u16, all rows and odd rows (see {@link addSums}). */
const SUMS_BYTES: usize = 32;
/** More pairs of block and probe than this are looked up together; fewer one by one. */
const FEW: u32 = 3;

/** The bits 0, 2, 4 and 6 of every byte, moved together. */
// @ts-ignore: decorator
@inline
function gather(bits: v128): v128 {
  const pairs = v128.and(bits, i8x16.splat(0x55));
  const quads = v128.and(v128.or(pairs, i16x8.shr_u(pairs, 1)), i8x16.splat(0x33));
  return v128.and(v128.or(quads, i16x8.shr_u(quads, 2)), i8x16.splat(0x0f));
}

/**
 * Writes the codes of `tiles` × 2 blocks as planes. Of every tile first the upper bits of the codes, then the
 * lower bits: for each group of four numbers (a code byte) 16 bytes of the one block and 16 of the other, with
 * the group's four bits of a row in each.
 */
export function splitPlanes(blocks: usize, tiles: u32, codeBytes: u32, out: usize): void {
  const blockBytes = <usize>codeBytes << 4;
  const planeBytes = <usize>codeBytes * TILE_STEP;
  for (let block: u32 = 0; block < tiles * TILE_BLOCKS; block++) {
    const end = blocks + blockBytes;
    let to = out + ((<usize>block & 1) << 4);
    for (; blocks < end; blocks += 16) {
      const codes = v128.load(blocks);
      v128.store(to, gather(i16x8.shr_u(codes, 1)));
      v128.store(to + planeBytes, gather(codes));
      to += TILE_STEP;
    }
    if (block & 1) out += planeBytes << 1;
  }
}

/**
 * Writes the tables of a rotated probe, {@link TABLES_STEP} apart: for each group of four numbers and each code of four
 * bits the sum of the numbers × `scale`, a number negative where its bit is 0, from zero up, rounded.
 */
export function planeTables(rotated: usize, groups: u32, scale: f32, tables: usize): void {
  const first = f32x4(-scale, scale, -scale, scale);
  const second = f32x4(-scale, -scale, scale, scale);
  const both = f32x4.splat(scale);
  for (let group: u32 = 0; group < groups; group++) {
    const x = v128.load(rotated);
    const c = f32x4.mul(v128.shuffle<f32>(x, x, 2, 2, 2, 2), both);
    const d = f32x4.mul(v128.shuffle<f32>(x, x, 3, 3, 3, 3), both);
    const a = v128.shuffle<f32>(x, x, 0, 0, 0, 0);
    const b = v128.shuffle<f32>(x, x, 1, 1, 1, 1);
    const low = f32x4.add(f32x4.mul(a, first), f32x4.mul(b, second));
    const reach = f32x4.add(
      f32x4.mul(f32x4.add(f32x4.abs(a), f32x4.abs(b)), both),
      f32x4.add(f32x4.abs(c), f32x4.abs(d)),
    );
    const e0 = rounded(f32x4.add(reach, f32x4.sub(f32x4.sub(low, c), d)));
    const e1 = rounded(f32x4.add(reach, f32x4.sub(f32x4.add(low, c), d)));
    const e2 = rounded(f32x4.add(reach, f32x4.add(f32x4.sub(low, c), d)));
    const e3 = rounded(f32x4.add(reach, f32x4.add(f32x4.add(low, c), d)));
    const entries = i8x16.narrow_i16x8_u(i16x8.narrow_i32x4_s(e0, e1), i16x8.narrow_i32x4_s(e2, e3));
    v128.store(tables, entries);
    rotated += 16;
    tables += TABLES_STEP;
  }
}

// @ts-ignore: decorator
@inline
function rounded(x: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(x));
}

/** Adds a byte a row to sums of 16 bits: those of even rows carry those of odd rows in their upper byte. */
// @ts-ignore: decorator
@inline
function addSums(sums: usize, bytes: v128): void {
  v128.store(sums, i16x8.add(v128.load(sums), bytes));
  v128.store(sums, i16x8.add(v128.load(sums, 16), i16x8.shr_u(bytes, 8)), 16);
}

/** Looks up a plane of a tile for four probes: eight vectors of sums stay in registers. */
function addTile(plane: usize, tables: usize, groups: u32, sums: usize): void {
  const end = plane + <usize>groups * TILE_STEP;
  while (plane < end) {
    const chunkEnd = min(end, plane + <usize>CHUNK * TILE_STEP);
    let a0 = i8x16.splat(0);
    let a1 = a0,
      a2 = a0,
      a3 = a0,
      b0 = a0,
      b1 = a0,
      b2 = a0,
      b3 = a0;
    for (; plane < chunkEnd; plane += TILE_STEP) {
      const a = v128.load(plane);
      const b = v128.load(plane, 16);
      const t0 = v128.load(tables);
      a0 = i8x16.add(a0, lookUp(t0, a));
      b0 = i8x16.add(b0, lookUp(t0, b));
      const t1 = v128.load(tables, 16);
      a1 = i8x16.add(a1, lookUp(t1, a));
      b1 = i8x16.add(b1, lookUp(t1, b));
      const t2 = v128.load(tables, 32);
      a2 = i8x16.add(a2, lookUp(t2, a));
      b2 = i8x16.add(b2, lookUp(t2, b));
      const t3 = v128.load(tables, 48);
      a3 = i8x16.add(a3, lookUp(t3, a));
      b3 = i8x16.add(b3, lookUp(t3, b));
      tables += TABLES_STEP;
    }
    addSums(sums, a0);
    addSums(sums + SUMS_BYTES, a1);
    addSums(sums + SUMS_BYTES * 2, a2);
    addSums(sums + SUMS_BYTES * 3, a3);
    addSums(sums + SUMS_BYTES * 4, b0);
    addSums(sums + SUMS_BYTES * 5, b1);
    addSums(sums + SUMS_BYTES * 6, b2);
    addSums(sums + SUMS_BYTES * 7, b3);
  }
}

/** Looks up a plane of one block for one probe. The number of groups is even. */
function addBlock(plane: usize, tables: usize, groups: u32, sums: usize): void {
  const end = plane + <usize>groups * TILE_STEP;
  while (plane < end) {
    const chunkEnd = min(end, plane + <usize>CHUNK * TILE_STEP);
    let even = i8x16.splat(0);
    let odd = even;
    for (; plane < chunkEnd; plane += TILE_STEP * 2) {
      even = i8x16.add(even, lookUp(v128.load(tables), v128.load(plane)));
      odd = i8x16.add(odd, lookUp(v128.load(tables, 64), v128.load(plane, 32)));
      tables += TABLES_STEP * 2;
    }
    addSums(sums, i8x16.add(even, odd));
  }
}

/** Whether a pair of block and probe has a row in `wanted` whose sum reaches the limit: 1 or 0. */
// @ts-ignore: decorator
@inline
function isAbove(sums: usize, limit: v128, wanted: u32): u32 {
  return <u32>((rowsAbove(v128.load(sums), v128.load(sums, 16), limit) & wanted) != 0);
}

/** Which pairs of block and probe of a tile have a row that is asked for and whose sum reaches the probe's limit. */
function pairsAbove(sums: usize, limits: usize, wanted: u32): u32 {
  let pairs: u32 = 0;
  for (let probe: u32 = 0; probe < PROBES; probe++) {
    const limit = v128.load16_splat(limits);
    const a = isAbove(sums, limit, wanted & 0xffff);
    const b = isAbove(sums + SUMS_BYTES * PROBES, limit, wanted >> 16);
    pairs |= (a | (b << PROBES)) << probe;
    limits += 2;
    sums += SUMS_BYTES;
  }
  return pairs;
}

/** Weighs the upper bits twice, then adds the lower ones where `pairs` says. */
function refine(plane: usize, tables: usize, groups: u32, sums: usize, pairs: u32): void {
  const end = sums + SUMS_BYTES * TILE_BLOCKS * PROBES;
  for (let at = sums; at < end; at += 16) v128.store(at, i16x8.shl(v128.load(at), 1));
  if (popcnt(pairs) > FEW) return addTile(plane, tables, groups, sums);
  for (; pairs; pairs &= pairs - 1) {
    const pair = <usize>ctz(pairs);
    addBlock(plane + ((pair >> 2) << 4), tables + ((pair & 3) << 4), groups, sums + pair * SUMS_BYTES);
  }
}

/**
 * Estimates the rows of `tiles` tiles that {@link splitPlanes} wrote for four probes. The upper bits alone say
 * which blocks may hold a match; only there the lower bits are looked up. A row whose filter bit is set and whose
 * sum is at least a probe's limit is written to the probe's list as a pair (u32 row from `firstRow` on, u32 sum).
 *
 * `tables` has for each group 16 entries (together at most 255 in 16 groups) for each probe. `limits` has eight
 * u16: by probe the least sum of the upper bits, then the least of both (upper bits twice). The four lists
 * lie `listBytes` apart from `out` on; `ends` (four u32) is set to where they end. `sums` is scratch of 288 bytes.
 */
export function scanPlanes(
  tables: usize,
  planes: usize,
  tiles: u32,
  groups: u32,
  filter: usize,
  limits: usize,
  firstRow: u32,
  sums: usize,
  out: usize,
  listBytes: usize,
  ends: usize,
): void {
  const planeBytes = <usize>groups * TILE_STEP;
  const scratch = sums + SUMS_BYTES * TILE_BLOCKS * PROBES;
  for (let probe: usize = 0; probe < PROBES; probe++)
    store<u32>(ends + (probe << 2), <u32>(out + probe * listBytes));
  for (let tile: u32 = 0; tile < tiles; tile++) {
    const wanted = load<u32>(filter + (<usize>tile << 2));
    if (wanted) {
      for (let at = sums; at < scratch; at += 16) v128.store(at, i8x16.splat(0));
      addTile(planes, tables, groups, sums);
      let pairs = pairsAbove(sums, limits, wanted);
      if (pairs) refine(planes + planeBytes, tables, groups, sums, pairs);
      for (; pairs; pairs &= pairs - 1) {
        const pair = <usize>ctz(pairs);
        const half: u32 = pair & 4 ? 16 : 0;
        const end = ends + ((pair & 3) << 2);
        const limit = v128.load16_splat(limits + ((pair & 3) << 1), 8);
        const all = v128.load(sums + pair * SUMS_BYTES);
        const odd = v128.load(sums + pair * SUMS_BYTES, 16);
        const to = emitSums(all, odd, limit, wanted >> half, firstRow + half, scratch, load<u32>(end));
        store<u32>(end, <u32>to);
      }
    }
    planes += planeBytes << 1;
    firstRow += 32;
  }
}
