#!/usr/bin/env node
/**
 * `nearface-assets FOLDER [--without ort]`: copies what a page fetches (workers, WASM, models, and the scripts for pages without a bundler) into FOLDER, such as
 * `public/nearface`, for `NearFace.create({ assets: '/nearface/' })`. Files that are there already are replaced.
 *
 * `--without ort` leaves out onnxruntime-web, 41 of 50 MB. It is needed on WebGPU, with more than one thread, and for models that
 * the library's own kernels cannot run; none of that without it, so that pages should ask for `device: 'wasm'`.
 */
import { cp, mkdir, readdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const ASSETS = [
  'nearface.js',
  'nearface.iife.js',
  'vision.worker.js',
  'gallery.worker.js',
  'search.worker.js',
  'video.worker.js',
  'search-relaxed.wasm',
  'search-simd.wasm',
  'search-relaxed-threads.wasm',
  'search-simd-threads.wasm',
  'engine-relaxed.wasm',
  'engine-simd.wasm',
  'ort',
  'models',
  'THIRD_PARTY-LICENSES.txt',
];

/** What `nearface.js` imports; the names tell the content. */
const CHUNK = /^nearface\.[a-z-]+-[A-Z0-9]{8}\.js$/;

const USAGE =
  'Usage: nearface-assets FOLDER [--without ort]    (for example: nearface-assets public/nearface)';

/** The folder and what is left out; undefined for anything else than the usage says. */
function readArguments() {
  try {
    const options = { without: { type: 'string', multiple: true } };
    const { positionals, values } = parseArgs({ options, allowPositionals: true });
    const without = values.without ?? [];
    const [folder, ...rest] = positionals;
    if (!folder || rest.length > 0 || without.some((name) => name !== 'ort')) return undefined;
    return { folder, without };
  } catch {
    return undefined;
  }
}

/** Links are followed: `cp` refuses to put a folder in the place of a link, and the other way round. */
async function copyAssets(folder, without) {
  const dist = await realpath(fileURLToPath(new URL('../dist/', import.meta.url)));
  await mkdir(folder, { recursive: true });
  const target = await realpath(folder);
  const chunks = (await readdir(dist)).filter((name) => CHUNK.test(name));
  for (const name of [...ASSETS, ...chunks].filter((asset) => !without.includes(asset))) {
    const to = await realpath(join(target, name)).catch(() => join(target, name));
    await cp(await realpath(join(dist, name)), to, { recursive: true, dereference: true });
  }
}

const given = readArguments();
if (!given) {
  console.error(USAGE);
  process.exit(2);
}
try {
  await copyAssets(given.folder, given.without);
  console.log(`nearface's workers, WASM and models are in ${resolve(given.folder)}`);
} catch (error) {
  console.error(`nearface-assets could not copy to ${resolve(given.folder)}: ${error.message}`);
  process.exit(1);
}
