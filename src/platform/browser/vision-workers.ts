/** More gain little: what is decoded and stored goes through other threads. */
const MOST = 4;
/** Of the machine's, a worker with its models and the pictures that it works at. */
const GIB_PER_WORKER = 2;
/** Where a browser does not tell its memory. */
const ASSUMED_GIB = 4;

/**
 * Vision workers that a page should have: the cores but one, which is left to the page and the galleries.
 *
 * @param gib - `navigator.deviceMemory`, which tells 8 at most, or undefined
 */
export function visionWorkersFor(cores: number, gib: number = ASSUMED_GIB): number {
  return Math.max(1, Math.min(MOST, cores - 1, Math.floor(gib / GIB_PER_WORKER)));
}
