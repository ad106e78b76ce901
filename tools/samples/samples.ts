/** The sample photos of the demo, the tests and the benchmarks: README.md says where they come from. No Node here: pages use it too. */

/** Their folder. */
export const SAMPLES: URL = new URL('../../node_modules/@vladmandic/face-api/demo/', import.meta.url);

/** Their file names. */
export const SAMPLE_NAMES: readonly string[] = Array.from({ length: 6 }, (_, i) => `sample${i + 1}.jpg`);
