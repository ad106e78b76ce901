import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { PIXELS_FILE } from '../../src/image/kernel/kernel.ts';
import { ENGINE_FILES, SHARED_ENGINE_FILES } from '../../src/runtime/engine/kernel.ts';
import { KERNEL_FILES, MAX_PAGES, SHARED_KERNEL_FILES } from '../../src/search/kernel/kernel.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** The search kernel's source folder, and that of the modules built from it (not committed). */
export const kernelSource: string = resolve(root, 'src/search/kernel/assembly/index.ts');
export const kernelFolder: string = resolve(root, 'src/search/kernel');

/** The inference kernels' source folder, and that of the modules built from it (not committed). */
export const engineSource: string = resolve(root, 'src/runtime/engine/assembly/index.ts');
export const engineFolder: string = resolve(root, 'src/runtime/engine');

/** The same of the kernel for pixels. */
const pixelsSource: string = resolve(root, 'src/image/kernel/assembly/index.ts');
const pixelsFolder: string = resolve(root, 'src/image/kernel');

/** Features and flags of a module whose memory several threads share. */
const SHARED = {
  features: ['threads'],
  flags: ['--sharedMemory', '--initialMemory', '1', '--maximumMemory', String(MAX_PAGES)],
} as const;

/**
 * Compiles an AssemblyScript file, with those beside it that it imports, to a module without runtime that
 * imports its memory as `env.memory`.
 */
export async function compileAssembly(
  source: string,
  features: readonly string[] = ['simd'],
  more: readonly string[] = [],
): Promise<Uint8Array<ArrayBuffer>> {
  const [text, folder] = [await readFile(source, 'utf8'), dirname(source)];
  let binary: Uint8Array | undefined;
  const enable = features.flatMap((feature) => ['--enable', feature]);
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--importMemory', ...enable, ...more];
  const { error, stderr } = await asc.main(['module.ts', '--outFile', 'module.wasm', ...flags], {
    readFile: (name) =>
      name === 'module.ts' ? text : readFile(resolve(folder, name), 'utf8').catch(() => null),
    writeFile: (name, contents) => {
      if (name === 'module.wasm') binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  const messages = (stderr as { toString: () => string }).toString();
  if (error || !binary) throw new Error(`asc could not compile ${source}: ${messages || error?.message}`);
  return new Uint8Array(binary);
}

/** Builds a module unless it is newer than every file in the folder of its source. */
async function buildModule(
  source: string,
  file: string,
  features: readonly string[],
  flags: readonly string[],
): Promise<string> {
  const folder = dirname(source);
  const sources = (await readdir(folder)).map((name) => stat(resolve(folder, name)));
  const newest = Math.max(...(await Promise.all(sources)).map(({ mtimeMs }) => mtimeMs));
  const built = await stat(file).catch(() => undefined);
  if (built && built.mtimeMs >= newest) return file;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, await compileAssembly(source, features, flags));
  return file;
}

/**
 * Builds the search kernel with and without relaxed SIMD, for one thread and for several, each unless it is newer
 * than its sources.
 */
export async function buildKernel(): Promise<readonly string[]> {
  return [
    ...(await buildLevels(kernelSource, kernelFolder, KERNEL_FILES)),
    ...(await buildLevels(kernelSource, kernelFolder, SHARED_KERNEL_FILES, SHARED)),
  ];
}

/** The same for the inference kernels. */
export async function buildEngine(): Promise<readonly string[]> {
  return [
    ...(await buildLevels(engineSource, engineFolder, ENGINE_FILES)),
    ...(await buildLevels(engineSource, engineFolder, SHARED_ENGINE_FILES, SHARED)),
  ];
}

/** And of the kernel for pixels, which is one for every SIMD engine. */
export async function buildPixels(): Promise<readonly string[]> {
  return [await buildModule(pixelsSource, resolve(pixelsFolder, PIXELS_FILE), ['simd'], [])];
}

async function buildLevels(
  source: string,
  folder: string,
  files: Readonly<Record<'relaxed' | 'simd', string>>,
  { features, flags }: { features: readonly string[]; flags: readonly string[] } = {
    features: [],
    flags: [],
  },
): Promise<readonly string[]> {
  const simd = ['simd', ...features];
  return [
    await buildModule(source, resolve(folder, files.relaxed), [...simd, 'relaxed-simd'], flags),
    await buildModule(source, resolve(folder, files.simd), simd, flags),
  ];
}

/** vitest's global setup. */
export async function setup(): Promise<void> {
  await buildKernel();
  await buildEngine();
  await buildPixels();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(...(await buildKernel()), ...(await buildEngine()), ...(await buildPixels()));
}
