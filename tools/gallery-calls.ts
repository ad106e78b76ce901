/** Runs in the page: the gallery worker's calls, as the engine has them. */
import type { Remote } from 'comlink';
import type { GalleryApi, GalleryCalls, WireResult } from '../src/worker/contract.ts';

/** What a worker answered. */
export function value<T>(result: WireResult<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}

/** An object with a method for each call. */
export function callsOf(api: Remote<GalleryApi>): GalleryCalls {
  // Comlink's types lose those of a generic method.
  const call = api.call as unknown as (
    job: number,
    name: string,
    report: undefined,
    ...args: unknown[]
  ) => Promise<WireResult<unknown>>;
  return new Proxy({} as GalleryCalls, {
    get:
      (_, name) =>
      async (...args: unknown[]) =>
        value(await call(2, String(name), undefined, ...args)),
  });
}
