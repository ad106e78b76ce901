/** The vector searches on npm that run in a browser. Their types are not imported: the page loads them by URL. */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return */

/** Something that searches, or reads as much as a search does. */
export interface Runner {
  readonly name: string;
  readonly buildMs?: number;
  readonly bytes?: number;
  readonly readBytes?: number;
  /** Returns the best row, or nothing where it does not search. */
  run(probe: Float32Array): number | undefined;
}

export type Say = (text: string) => void;

const rowOf = (vectors: Float32Array, dimension: number, row: number): Float32Array =>
  vectors.slice(row * dimension, (row + 1) * dimension);

function timed(name: string, say: Say, build: () => void): number {
  const started = performance.now();
  build();
  const ms = performance.now() - started;
  say(`${name}: built in ${(ms / 1000).toFixed(1)} s`);
  return ms;
}

async function loadHnswlib(): Promise<any> {
  const url = '/peers/hnswlib-wasm/dist/hnswlib.js';
  return (await import(/* @vite-ignore */ url)).loadHnswlib();
}

/** hnswlib-wasm, brute force: exact. */
export async function hnswlibFlat(
  vectors: Float32Array,
  dimension: number,
  limit: number,
  say: Say,
): Promise<Runner> {
  const lib = await loadHnswlib();
  const name = 'hnswlib-wasm, brute force';
  const rows = vectors.length / dimension;
  const index = new lib.BruteforceSearch('ip', dimension);
  const buildMs = timed(name, say, () => {
    index.initIndex(rows);
    for (let row = 0; row < rows; row++) index.addPoint(rowOf(vectors, dimension, row), row);
  });
  return { name, buildMs, run: (probe) => index.searchKnn(probe, limit, undefined).neighbors[0] };
}

/** hnswlib-wasm, its graph: approximate. */
export async function hnswlibGraph(
  vectors: Float32Array,
  dimension: number,
  limit: number,
  say: Say,
): Promise<Runner> {
  const lib = await loadHnswlib();
  const name = 'hnswlib-wasm, HNSW (M 16, efC 100, ef 64)';
  const rows = vectors.length / dimension;
  const index = new lib.HierarchicalNSW('ip', dimension, '');
  const buildMs = timed(name, say, () => {
    index.initIndex(rows, 16, 100, 100);
    for (let row = 0; row < rows; row++) index.addPoint(rowOf(vectors, dimension, row), row, false);
    index.setEfSearch(64);
  });
  return { name, buildMs, run: (probe) => index.searchKnn(probe, limit, undefined).neighbors[0] };
}

/** edgevec's graph: approximate. Its flat index takes binary vectors only. */
export async function edgevecGraph(
  vectors: Float32Array,
  dimension: number,
  limit: number,
  say: Say,
): Promise<Runner> {
  const url = '/peers/edgevec/edgevec.js';
  const edgevec: any = await import(/* @vite-ignore */ url);
  await edgevec.default();
  const name = 'edgevec, HNSW (M 16, efC 100, ef 64)';
  const config = new edgevec.EdgeVecConfig(dimension);
  // On unit vectors l2 ranks as the cosine does; version 0.9.0 returns the farthest with 'cosine' and 'dot'.
  config.metric = 'l2';
  config.m = 16;
  config.ef_construction = 100;
  config.ef_search = 64;
  const index = new edgevec.EdgeVec(config);
  let first = 0;
  const buildMs = timed(name, say, () => {
    first = index.insertBatchFlat(vectors, vectors.length / dimension)[0];
  });
  return { name, buildMs, run: (probe) => index.search(probe, limit)[0].id - first };
}
