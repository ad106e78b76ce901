import { NearFaceError } from './errors.ts';

/** The smallest module: its magic number and version. */
const EMPTY_MODULE = [0, 97, 115, 109, 1, 0, 0, 0];

/** @throws NearFaceError `BACKEND_UNAVAILABLE` where a policy of the page or the browser's settings forbid WebAssembly */
export async function requireWasm(): Promise<void> {
  if (typeof WebAssembly === 'undefined')
    throw new NearFaceError(
      'BACKEND_UNAVAILABLE',
      'This browser has WebAssembly switched off; allow it here',
    );
  try {
    await WebAssembly.compile(new Uint8Array(EMPTY_MODULE));
  } catch (error) {
    const text =
      "The Content-Security-Policy forbids WebAssembly; add 'wasm-unsafe-eval' to script-src, on the page and on " +
      "the answers with nearface's worker scripts";
    throw new NearFaceError('BACKEND_UNAVAILABLE', text, { policy: 'wasm-unsafe-eval' }, error);
  }
}
