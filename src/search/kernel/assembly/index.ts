// AssemblyScript. The host owns the memory and every address: see ../kernel.ts. No heap, no statics.

import { dot, dotFour, scoreBytes, scoreRows, toBytes } from './rows';
export { encode, eraseCode, moveCode, placeCodes, rotate, scanCodes } from './codes';
export { planeTables, scanPlanes, splitPlanes } from './planes';
export { scoreBytes, scoreRows, toBytes };

function emit(out: usize, found: u32, row: u32, score: f32, threshold: f32): u32 {
  if (!(score >= threshold)) return found;
  const slot = out + ((<usize>found) << 3);
  store<u32>(slot, row);
  store<f32>(slot, score, 4);
  return found + 1;
}

/**
 * Scores the rows of a panel whose filter bit is set, and writes those that reach `threshold` to `out` as
 * pairs (u32 row in the panel, f32 score). Returns how many. A panel is four runs of `words` × 32 rows, one
 * after the other; row i of each run is scored in the same step, because four distant streams keep more
 * memory reads in flight than one.
 */
export function scan(
  probe: usize,
  panel: usize,
  rowBytes: usize,
  words: u32,
  filter: usize,
  threshold: f32,
  out: usize,
): u32 {
  const runRows: u32 = words << 5;
  const runBytes: usize = <usize>runRows * rowBytes;
  const filterRun: usize = (<usize>words) << 2;
  let found: u32 = 0;
  for (let word: u32 = 0; word < words; word++) {
    const f0 = load<u32>(filter);
    const f1 = load<u32>(filter + filterRun);
    const f2 = load<u32>(filter + filterRun * 2);
    const f3 = load<u32>(filter + filterRun * 3);
    filter += 4;
    const all = f0 & f1 & f2 & f3;
    let any = f0 | f1 | f2 | f3;
    while (any) {
      const bit = ctz(any);
      any &= any - 1;
      const row = (word << 5) + bit;
      const r0 = panel + <usize>row * rowBytes;
      const r1 = r0 + runBytes;
      const r2 = r1 + runBytes;
      const r3 = r2 + runBytes;
      if ((all >> bit) & 1) {
        const scores = dotFour(probe, r0, r1, r2, r3, rowBytes);
        found = emit(out, found, row, f32x4.extract_lane(scores, 0), threshold);
        found = emit(out, found, row + runRows, f32x4.extract_lane(scores, 1), threshold);
        found = emit(out, found, row + runRows * 2, f32x4.extract_lane(scores, 2), threshold);
        found = emit(out, found, row + runRows * 3, f32x4.extract_lane(scores, 3), threshold);
      } else {
        if ((f0 >> bit) & 1) found = emit(out, found, row, dot(probe, r0, rowBytes), threshold);
        if ((f1 >> bit) & 1) found = emit(out, found, row + runRows, dot(probe, r1, rowBytes), threshold);
        if ((f2 >> bit) & 1) found = emit(out, found, row + runRows * 2, dot(probe, r2, rowBytes), threshold);
        if ((f3 >> bit) & 1) found = emit(out, found, row + runRows * 3, dot(probe, r3, rowBytes), threshold);
      }
    }
  }
  return found;
}
