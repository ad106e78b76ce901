import { openAsBlob } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { extensionOf, isHidden, kindOf, MAX_FILES, mediaTypeOf } from '../../src/sources/source-file.ts';
import { UsageError } from './usage.ts';

/** Folders within folders; links to folders are not followed. */
const MAX_DEPTH = 100;

/**
 * The files of places that an enrolment may use (photos, zips, texts and tables), in the order of the places, each folder's by their names. None is
 * read: a file's bytes are read when they are asked for. Each is called by its path, that begins with the place's own name.
 *
 * @param places - absolute paths of files and folders
 * @throws UsageError of a place that is not there, of too many files, and where none is a photo or a zip
 */
export async function photoFiles(places: readonly string[]): Promise<readonly File[]> {
  const files: File[] = [];
  const take = async (path: string, name: string): Promise<void> => {
    if (kindOf(name) === undefined && extensionOf(name) !== 'zip') return;
    if (files.length === MAX_FILES)
      throw new UsageError(`there are more than ${MAX_FILES} files; enrol the folders one by one`);
    const type = mediaTypeOf(name);
    files.push(new File([await openAsBlob(path, { type })], name, { type }));
  };
  const walk = async (folder: string, name: string, depth: number): Promise<void> => {
    if (depth > MAX_DEPTH) throw new UsageError(`${folder} is more than ${MAX_DEPTH} folders deep`);
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name)));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const within = `${name}/${entry.name}`;
      if (isHidden(entry.name)) continue;
      if (entry.isDirectory()) await walk(path, within, depth + 1);
      else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path)))) await take(path, within);
    }
  };
  for (const place of places) {
    const facts = await stat(place).catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${place} cannot be read (${error.code}); check the path`);
    });
    if (facts.isDirectory()) await walk(place, basename(place), 0);
    else await take(place, basename(place));
  }
  if (!files.some(({ name }) => kindOf(name) === 'image' || extensionOf(name) === 'zip'))
    throw new UsageError(`there are no photos in ${places.join(', ')}`);
  return files;
}

/** Whether a link leads to a file; one that leads nowhere does not. */
async function isFile(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true;
}
