/** Runs in a page that {@link withPage} serves. */
import type { CreateOptions, NearFace } from '../src/index.ts';

/** Starts the built library on one thread of WASM, as every benchmark of accuracy runs it. */
export async function startLibrary(options: CreateOptions = {}): Promise<NearFace> {
  const url = '/nearface/nearface.js';
  const { NearFace: library } = (await import(url)) as { NearFace: typeof NearFace };
  return library.create({ assets: '/nearface/', device: 'wasm', threads: 1, ...options });
}
