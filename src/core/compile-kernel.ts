import { NearFaceError } from './errors.ts';

/**
 * Reads and compiles a kernel of the library, and looks whether it is this version's: a cache may give an older file of the same name.
 *
 * @param what - begins the error's sentence, as in `The kernels`
 * @param names - exports that it must have
 * @throws NearFaceError `BACKEND_UNAVAILABLE`
 */
export async function compileKernel(
  readAsset: (url: string) => Promise<Uint8Array<ArrayBuffer>>,
  url: string,
  what: string,
  names: readonly string[],
): Promise<WebAssembly.Module> {
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(await readAsset(url));
  } catch (error) {
    const text = `${what} could not be loaded from ${url}; keep the whole dist folder there`;
    throw new NearFaceError('BACKEND_UNAVAILABLE', text, { url }, error);
  }
  const exports = new Set(WebAssembly.Module.exports(module).map(({ name }) => name));
  const missing = names.filter((name) => !exports.has(name));
  if (missing.length === 0) return module;
  const text = `${what} at ${url} are of another version of the library; keep all files of one dist folder together, and empty caches of older ones`;
  throw new NearFaceError('BACKEND_UNAVAILABLE', text, { url, missing });
}
