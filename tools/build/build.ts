/**
 * `tsx tools/build/build.ts`: builds the library into `dist/`, which any static server can serve as it is. With
 * `--keep-api-report` the API report is left alone; with `--no-types` there are no declarations, which is quicker.
 */
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { copyAssets } from './assets.ts';
import { bundleScripts } from './bundles.ts';
import { rollUpDeclarations } from './declarations.ts';
import { writeNotices } from './notices.ts';
import { bundleServer } from './server.ts';

const started = performance.now();
console.log('Building the library: kernels, scripts, declarations, models');
const keepReport = process.argv.includes('--keep-api-report');
// Built aside and then put in place, so that a server of dist/ never sees half a build.
const folder = `temp/dist-${process.pid}`;
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
try {
  const { version } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string };
  const bundles = bundleScripts(folder, version);
  const types = process.argv.includes('--no-types')
    ? undefined
    : rollUpDeclarations(`${folder}/nearface.d.ts`, keepReport ? 'keep' : 'update');
  const [packages] = await Promise.all([bundles, types, copyAssets(folder), bundleServer()]);
  await writeNotices(`${folder}/THIRD_PARTY-LICENSES.txt`, packages);
  await rm('dist', { recursive: true, force: true });
  await rename(folder, 'dist');
  console.log(`dist/ built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
} catch (error) {
  await rm(folder, { recursive: true, force: true });
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
