import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelEntry, ModelManifest } from '../../src/core/manifest.ts';
import { buildModel, type Replaced } from '../../model-factory/convert/build.ts';
import { CATALOGUE } from '../../model-factory/convert/catalogue.ts';
import { PackageStore, readLock } from '../../tools/packages.ts';
import { LIBRARY_PREFIX, libraryFolder } from '../../tools/pages.ts';

/**
 * Folders to be served at `prefix`, by URL prefix: a library in whose model of `role` something is replaced. All that it has in common
 * with the built library is served from there.
 */
export async function libraryWith(
  role: ModelEntry['role'],
  replaced: Replaced,
  prefix: string,
): Promise<Readonly<Record<string, string>>> {
  const folder = join('.cache', 'bench', `models${prefix.replaceAll('/', '-')}`);
  const shipped = join(libraryFolder(), 'models');
  await mkdir(folder, { recursive: true });
  const packages = new PackageStore(
    await readLock('model-factory/convert/lock.json'),
    join('.cache', 'models'),
  );
  const catalogued = CATALOGUE.find((entry) => entry.role === role)!;
  const { bytes, entry } = await buildModel(packages, catalogued, replaced);
  const manifest = JSON.parse(await readFile(join(shipped, 'manifest.json'), 'utf8')) as ModelManifest;
  const models = manifest.models.map((model) =>
    model.id === entry.id ? entry : { ...model, file: `${LIBRARY_PREFIX}models/${model.file}` },
  );
  await writeFile(join(folder, entry.file), bytes);
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, models }));
  await copyFile(join(shipped, 'canonical-face.json'), join(folder, 'canonical-face.json'));
  return { [prefix]: libraryFolder(), [`${prefix}models/`]: folder };
}
