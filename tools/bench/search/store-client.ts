/** Runs in the page: the real store behind a worker. */
import { proxy, type Remote, wrap } from 'comlink';
import type { GalleryApi, WireResult } from '../../../src/worker/contract.ts';

export const DATABASE = 'bench-search';

/** The model of all embeddings. */
export const MODEL = 'bench';

/** The gallery worker. */
export function start(): { api: Remote<GalleryApi>; end(): void } {
  const worker = new Worker('/store-worker.js', { type: 'module' });
  return { api: wrap<GalleryApi>(worker), end: () => worker.terminate() };
}

/** What a call answered. */
export function value<T>(result: WireResult<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}

/** Opens the benchmark's database; answers the number of faces. @param threads - of a search */
export const open = async (api: Remote<GalleryApi>, threads = 1): Promise<number> =>
  value(
    await api.open(
      1,
      { assets: `${location.origin}/`, database: DATABASE, threads },
      proxy(() => undefined),
    ),
  ).faces;
