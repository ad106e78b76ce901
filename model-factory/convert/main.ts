/**
 * Rebuilds `models/` from published packages: `tsx model-factory/convert/main.ts`. With `--check` nothing is written and
 * the exit code tells whether the committed files are what would be built.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import type { Calibration } from '../../src/core/manifest.ts';
import { buildModels } from './build.ts';
import { PackageStore, readLock } from '../../tools/packages.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const models = join(here, '../../models');

const packages = new PackageStore(await readLock(join(here, 'lock.json')), join(here, '../../.cache/models'));
const files = await buildModels(packages, calibrationOf);

if (process.argv.includes('--check')) {
  const different: string[] = [];
  for (const [name, bytes] of files) {
    const committed = await readFile(join(models, name)).catch(() => undefined);
    if (committed === undefined || !committed.equals(bytes)) different.push(name);
  }
  for (const name of different) console.error(`models/${name} is not what model-factory/convert builds`);
  if (different.length === 0)
    console.log(`${files.size} files of models/ are what model-factory/convert builds`);
  process.exitCode = different.length === 0 ? 0 : 1;
} else {
  await mkdir(models, { recursive: true });
  for (const [name, bytes] of files) {
    await writeFile(join(models, name), bytes);
    console.log(`${name.padEnd(24)} ${bytes.length} bytes, ${brotliCompressSync(bytes).length} as brotli`);
  }
}

/** The calibration that another tool measured and left beside the tool, where there is one. */
async function calibrationOf(id: string): Promise<Calibration | undefined> {
  const text = await readFile(join(here, 'calibration', `${id}.json`), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Calibration);
}
