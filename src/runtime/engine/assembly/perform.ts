// The kernels' calls as words in memory: the number of one, then its arguments. `../program.ts` writes them.
import { depthwise } from './depthwise';
import { gemm } from './gemm';
import { BLOCK_ROOM, gemmIntegers } from './integers';
import { pointwise } from './pointwise';
import { maxPool, place, planarWindows, windows } from './windows';

/** Words of each call, its number among them; `../program.ts` has the same numbers. */
const GEMM: u32 = 0;
const DEPTHWISE: u32 = 1;
const PLANAR_WINDOWS: u32 = 2;
const WINDOWS: u32 = 3;
const MAX_POOL: u32 = 4;
const PLACE: u32 = 5;
const POINTWISE: u32 = 6;

// @ts-ignore: decorator
@inline
function word(call: usize, index: usize): u32 {
  return load<u32>(call + (index << 2));
}

/** An address, or this thread's own room for windows where it is 0: it lies above that for a block of `gemmIntegers`. */
// @ts-ignore: decorator
@inline
function orOwn(address: usize, own: usize): usize {
  return address ? address : own + BLOCK_ROOM;
}

/** Makes the calls between two addresses. `own` is this thread's own room. */
export function perform(at: usize, end: usize, own: usize): void {
  while (at < end) {
    const kind = word(at, 0);
    if (kind == GEMM) {
      gemm(
        orOwn(word(at, 1), own),
        word(at, 2),
        word(at, 3),
        word(at, 4),
        word(at, 5),
        word(at, 6),
        word(at, 7),
        word(at, 8),
        word(at, 9),
        word(at, 10),
        word(at, 11),
        word(at, 12),
      );
      at += 13 << 2;
    } else if (kind == DEPTHWISE) {
      depthwise(
        word(at, 1),
        word(at, 2),
        word(at, 3),
        word(at, 4),
        word(at, 5),
        word(at, 6),
        word(at, 7),
        word(at, 8),
        word(at, 9),
        word(at, 10),
        word(at, 11),
        word(at, 12),
        word(at, 13),
        word(at, 14),
        word(at, 15),
        word(at, 16),
      );
      at += 17 << 2;
    } else if (kind == PLANAR_WINDOWS || kind == WINDOWS) {
      at = layOut(kind == PLANAR_WINDOWS, at, own);
    } else if (kind == MAX_POOL) {
      maxPool(
        word(at, 1),
        word(at, 2),
        word(at, 3),
        word(at, 4),
        word(at, 5),
        word(at, 6),
        word(at, 7),
        word(at, 8),
        word(at, 9),
        word(at, 10),
        word(at, 11),
        word(at, 12),
        word(at, 13),
      );
      at += 14 << 2;
    } else if (kind == PLACE) {
      place(word(at, 1), word(at, 2), word(at, 3), word(at, 4), word(at, 5));
      at += 6 << 2;
    } else if (kind == POINTWISE) {
      pointwise(
        word(at, 1),
        word(at, 2),
        word(at, 3),
        word(at, 4),
        word(at, 5),
        word(at, 6),
        word(at, 7),
        word(at, 8),
      );
      at += 9 << 2;
    } else {
      gemmIntegers(
        orOwn(word(at, 1), own),
        word(at, 2),
        word(at, 3),
        word(at, 4),
        word(at, 5),
        word(at, 6),
        word(at, 7),
        word(at, 8),
        word(at, 9),
        word(at, 10),
        word(at, 11),
        word(at, 12),
        word(at, 13),
        word(at, 14),
        own,
      );
      at += 15 << 2;
    }
  }
}

/** Lays out windows; returns where the next call is. */
function layOut(planar: bool, at: usize, own: usize): usize {
  const out = orOwn(word(at, 2), own);
  if (planar)
    planarWindows(
      word(at, 1),
      out,
      word(at, 3),
      word(at, 4),
      word(at, 5),
      word(at, 6),
      word(at, 7),
      word(at, 8),
      word(at, 9),
      word(at, 10),
      word(at, 11),
      word(at, 12),
      word(at, 13),
      word(at, 14),
      word(at, 15),
    );
  else
    windows(
      word(at, 1),
      out,
      word(at, 3),
      word(at, 4),
      word(at, 5),
      word(at, 6),
      word(at, 7),
      word(at, 8),
      word(at, 9),
      word(at, 10),
      word(at, 11),
      word(at, 12),
      word(at, 13),
      word(at, 14),
    );
  return at + ((planar ? 16 : 15) << 2);
}
