/**
 * The emotions of emotion-dev's photos, each told by the shipped network with the last layer that was fitted without the photo's
 * fold: the shipped one has seen them all. Source of the folds and layers: tools/train/emotions.py.
 */
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '../../src/core/manifest.ts';
import { buildWithHead } from '../models/build.ts';
import type { Head } from '../models/face-api-reader.ts';
import { halfToFloat } from '../models/float16.ts';
import type { SeenPhoto } from './attributes-page.ts';
import { LIBRARY, seeAll } from './attributes-see.ts';

/** `tools/train/emotions-folds.json`. */
interface Folds {
  readonly photos: number;
  /** A digit each photo, in the order of their names. */
  readonly folds: string;
  /** Base64 of halves: weights and bias. */
  readonly layers: readonly string[];
}

const MODEL = 'expression';
const OUTPUTS = 7;

/** What the library says of each of `images`, out of fold. */
export async function seeEmotions(data: string, images: readonly string[]): Promise<readonly SeenPhoto[]> {
  const folds = JSON.parse(await readFile('tools/train/emotions-folds.json', 'utf8')) as Folds;
  const names = images.toSorted();
  if (folds.photos !== names.length)
    throw new Error(`the folds are of ${folds.photos} photos, not of ${names.length}`);
  const photos: SeenPhoto[] = [];
  for (const [fold, layer] of folds.layers.entries()) {
    const own = names.filter((_, i) => Number(folds.folds[i]) === fold);
    const library = await libraryWith(headOf(layer));
    try {
      const seen = await seeAll(data, [{ set: 'emotion-dev', images: own, groups: ['emotions'] }], library);
      photos.push(...seen.photos[0]!);
    } finally {
      await rm(library, { recursive: true });
    }
  }
  return photos;
}

function headOf(layer: string): Head {
  const bytes = Buffer.from(layer, 'base64');
  const numbers = Array.from({ length: bytes.length / 2 }, (_, i) => halfToFloat(bytes.readUInt16LE(2 * i)));
  return { weights: numbers.slice(0, -OUTPUTS), bias: numbers.slice(-OUTPUTS) };
}

/** A copy of the built library whose expression network ends in `head`; the caller removes it. */
async function libraryWith(head: Head): Promise<string> {
  const folder = join('.cache', 'bench-emotions');
  await cp(LIBRARY, folder, { recursive: true });
  const models = join(folder, 'models');
  const installed = {
    file: (name: string, file: string) => readFile(join('node_modules', unversioned(name), file)),
  };
  const { bytes, entry } = await buildWithHead(installed, MODEL, head);
  await writeFile(join(models, entry.file), bytes);
  const path = join(models, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as ModelManifest;
  const others = manifest.models.filter(({ id }) => id !== MODEL);
  await writeFile(path, JSON.stringify({ ...manifest, models: [...others, entry] }));
  return folder;
}

function unversioned(name: string): string {
  return name.slice(0, name.lastIndexOf('@'));
}
