import { perform } from './perform';
export { perform };

/** Chunks that must be done before the one whose words lie at `chunk`: see `../program.ts`. */
export function chunksBefore(chunk: usize): i32 {
  return load<i32>(chunk);
}

/** Makes a chunk's calls. `own` is where this thread lays out windows. */
export function performChunk(chunk: usize, own: usize): void {
  perform(load<u32>(chunk, 4), load<u32>(chunk, 8), own);
}
// Nobody calls these from outside: what is exported is not inlined into `perform`.
export { depthwise } from './depthwise';
export { gemm } from './gemm';
export { pointwise } from './pointwise';
export { maxPool, place, planarWindows, windows } from './windows';
