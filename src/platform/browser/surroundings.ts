/** Whether WASM may run on several threads here. Some browsers are isolated and yet have no shared memory. */
export function hasThreads(): boolean {
  return globalThis.crossOriginIsolated && typeof SharedArrayBuffer !== 'undefined';
}

/**
 * What the library has to do without where a page or worker is not secure or not isolated; nothing where nothing is missing.
 *
 * @param threads - how many were asked for; 0 if none were
 */
export function missingHere(threads = 0): readonly string[] {
  return [
    ...(globalThis.isSecureContext ? [] : [NOT_SECURE]),
    ...(threads > 1 && !hasThreads() ? [`threads: ${threads} was asked for, ${ONE_THREAD}`] : []),
  ];
}

const NOT_SECURE =
  'This page is not secure (plain http from another host than localhost): models are fetched anew each time, cameras ' +
  'cannot be opened, storage may be cleared by the browser, and pages that have the same database open do not know of ' +
  'each other, so that only one may import, run jobs or regenerate at a time; serve it over https';

const ONE_THREAD =
  'but models and searches run on 1, as this page is not cross-origin isolated; serve it with the headers ' +
  'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';
