import { perform } from './perform';
export { perform };

/** Chunks that must be done before the one whose words lie at `chunk`: see `../program.ts`. */
export function chunksBefore(chunk: usize): i32 {
  return load<i32>(chunk);
}

/** Makes a chunk's calls. `own` is this thread's own room. */
export function performChunk(chunk: usize, own: usize): void {
  perform(load<u32>(chunk, 4), load<u32>(chunk, 8), own);
}
/** The sign of what 0 / 0 is: x86 makes a negative NaN of it, ARM a positive one. */
export function signOfNaN(zero: f32): u32 {
  return reinterpret<u32>(zero / zero) >> 31;
}
// Nobody calls these from outside: what is exported is not inlined into `perform`.
export { depthwise } from './depthwise';
export { gemm } from './gemm';
export { gemmIntegers } from './integers';
export { pointwise } from './pointwise';
export { maxPool, place, planarWindows, windows } from './windows';
