#!/usr/bin/env node
/**
 * `nearface-assets FOLDER`: copies what a page fetches at run time (workers, WASM, models) into FOLDER, such as
 * `public/nearface`, for `NearFace.create({ assets: '/nearface/' })`. Files that are there already are replaced.
 */
import { cp, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const ASSETS = [
  'vision.worker.js',
  'gallery.worker.js',
  'search.worker.js',
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

const [folder, ...rest] = process.argv.slice(2);
if (!folder || folder.startsWith('-') || rest.length > 0) {
  console.error('Usage: nearface-assets FOLDER    (for example: nearface-assets public/nearface)');
  process.exit(2);
}
await mkdir(folder, { recursive: true });
for (const name of ASSETS) await cp(join(dist, name), join(folder, name), { recursive: true });
console.log(`nearface's workers, WASM and models are in ${resolve(folder)}`);
