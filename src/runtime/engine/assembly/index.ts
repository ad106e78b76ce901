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
