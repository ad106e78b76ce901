/** Integers of 32 bits, always the same for the same seed (xorshift32; Marsaglia, 2003). `seed` is not 0. */
export function xorshift32(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
