import { NearFaceError } from './errors.ts';

/** The smallest module: its magic number and version. */
const EMPTY_MODULE = [0, 97, 115, 109, 1, 0, 0, 0];

/** @throws NearFaceError `BACKEND_UNAVAILABLE` where a policy of the page, or settings of the browser or of Node, forbid WebAssembly */
export async function requireWasm(): Promise<void> {
  if (typeof WebAssembly === 'undefined')
    throw new NearFaceError(
      'BACKEND_UNAVAILABLE',
      "WebAssembly is switched off; allow it in the browser's settings, or start Node without --jitless",
    );
  try {
    await WebAssembly.compile(new Uint8Array(EMPTY_MODULE));
  } catch (error) {
    const text =
      "WebAssembly may not be compiled, as a page's Content-Security-Policy can forbid; add 'wasm-unsafe-eval' to its script-src, on the " +
      "page and on the answers with nearface's worker scripts";
    throw new NearFaceError('BACKEND_UNAVAILABLE', text, { policy: 'wasm-unsafe-eval' }, error);
  }
}
