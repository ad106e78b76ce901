import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The search kernel's AssemblyScript source and the module built from it (not committed). */
export const kernelSource: string = resolve(root, 'src/search/kernel/assembly/index.ts');
export const kernelFile: string = resolve(root, 'src/search/kernel/kernel.wasm');

/** Compiles an AssemblyScript file to a module without runtime that imports its memory as `env.memory`. */
export async function compileAssembly(source: string): Promise<Uint8Array<ArrayBuffer>> {
  const text = await readFile(source, 'utf8');
  let binary: Uint8Array | undefined;
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', '--enable', 'simd'];
  const { error, stderr } = await asc.main(['module.ts', '--outFile', 'module.wasm', ...flags], {
    readFile: (name) => (name === 'module.ts' ? text : null),
    writeFile: (name, contents) => {
      if (name === 'module.wasm') binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  const messages = (stderr as { toString: () => string }).toString();
  if (error || !binary) throw new Error(`asc could not compile ${source}: ${messages || error?.message}`);
  return new Uint8Array(binary);
}

/** Builds `src/search/kernel/kernel.wasm` unless it is newer than its source. */
export async function buildKernel(): Promise<string> {
  const [source, built] = await Promise.all([stat(kernelSource), stat(kernelFile).catch(() => undefined)]);
  if (built && built.mtimeMs >= source.mtimeMs) return kernelFile;
  await mkdir(dirname(kernelFile), { recursive: true });
  await writeFile(kernelFile, await compileAssembly(kernelSource));
  return kernelFile;
}

/** vitest's global setup. */
export async function setup(): Promise<void> {
  await buildKernel();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await buildKernel());
