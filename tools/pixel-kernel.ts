import { loadPixelKernel, type PixelKernel } from '../src/image/kernel/kernel.ts';

/** The kernel for pixels as it was built beside its source, for tests in Node and in browsers. */
export function builtPixelKernel(): Promise<PixelKernel> {
  // Vite knows addresses of files alone.
  return loadPixelKernel(readBuilt, new URL('../src/image/kernel/pixels.wasm', import.meta.url).href);
}

async function readBuilt(url: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!url.startsWith('file:')) return new Uint8Array(await (await fetch(url)).arrayBuffer());
  const { readFile } = await import('node:fs/promises');
  return new Uint8Array(await readFile(new URL(url)));
}
