import { editDistance } from '../core/edit-distance.ts';
import { badParam, NearFaceError } from '../core/errors.ts';
import { MAX_GALLERY_NAME_LENGTH } from '../core/limits.ts';

const GALLERY_NAME = new RegExp(`^[A-Za-z0-9_-]{1,${MAX_GALLERY_NAME_LENGTH}}$`);

/** `name` if it can be a gallery's. @throws NearFaceError `BAD_PARAM` */
export function checkGalleryName(name: unknown, param = 'name'): string {
  if (typeof name === 'string' && GALLERY_NAME.test(name)) return name;
  throw badParam(
    param,
    name,
    `a gallery name: 1 to ${MAX_GALLERY_NAME_LENGTH} of the characters A-Z a-z 0-9 _ -`,
  );
}

/** No gallery of that name; names those there are, a near one first. */
export function galleryNotFound(name: string, existing: readonly string[]): NearFaceError {
  const sorted = existing.toSorted((a, b) => editDistance(a, name) - editDistance(b, name));
  const [nearest] = sorted;
  const near =
    nearest !== undefined && editDistance(nearest, name) <= 2 ? `; did you mean '${nearest}'?` : '.';
  const more = sorted.length > 10 ? ', …' : '';
  const list = sorted.slice(0, 10).map((other) => `'${other}'`);
  return new NearFaceError(
    'GALLERY_NOT_FOUND',
    `There is no gallery '${name}'${near} The galleries are ${list.join(', ')}${more}; create it first`,
    { gallery: name, galleries: existing },
  );
}

export function galleryExists(name: string): NearFaceError {
  return new NearFaceError(
    'GALLERY_EXISTS',
    `There is a gallery '${name}' already; take it with get() or create(name, { ifExists: 'get' }), or choose another name`,
    {
      gallery: name,
    },
  );
}

/** The default gallery is not to be deleted. */
export function cannotDeleteDefault(name: string): NearFaceError {
  return new NearFaceError(
    'BAD_PARAM',
    `name: the gallery '${name}' is always there and cannot be deleted; delete the faces in it instead`,
    { param: 'name', value: name },
  );
}

export function galleryFull(name: string, capacity: number, count: number, adding: number): NearFaceError {
  const faces = adding === 1 ? 'a face' : `${adding} faces`;
  return new NearFaceError(
    'GALLERY_FULL',
    `The gallery '${name}' takes ${capacity} faces and has ${count}, so ${faces} cannot be added; delete some, or make a gallery with a larger capacity`,
    { gallery: name, capacity, count, adding },
  );
}

/** @param gallery - or `null` where it is in none */
export function faceNotFound(gallery: string | null, id: string): NearFaceError {
  const where = gallery === null ? 'in any gallery' : `in the gallery '${gallery}'`;
  return new NearFaceError(
    'FACE_NOT_FOUND',
    `There is no face '${id}' ${where}; it may have been deleted`,
    gallery === null ? { id } : { gallery, id },
  );
}

/** Of a sighting that names a face which no gallery has. */
export function sightedFaceNotFound(id: string): NearFaceError {
  return new NearFaceError(
    'FACE_NOT_FOUND',
    `There is no face '${id}' that a sighting could be of; it may have been deleted: leave faceId out, and give personId where you know the person`,
    { param: 'faceId', id },
  );
}

export function faceExists(id: string): NearFaceError {
  return new NearFaceError(
    'FACE_EXISTS',
    `There is a face '${id}' already; leave the id out to get a new one, or delete that face first`,
    { id },
  );
}

export function modelMismatch(gallery: string, has: string, given: string): NearFaceError {
  return new NearFaceError(
    'MODEL_MISMATCH',
    `The gallery '${gallery}' holds embeddings of the model '${has}', not of '${given}'; if '${given}' is the model in use, galleries.regenerate() makes the gallery's embeddings anew with it; else use '${has}', or make another gallery`,
    { gallery, galleryModel: has, model: given },
  );
}

export function wrongDimension(
  param: string,
  length: number,
  dimension: number,
  modelId: string,
): NearFaceError {
  return badParam(
    param,
    `${length} numbers`,
    `an embedding of ${dimension} numbers, as the model '${modelId}' makes them`,
  );
}

/** Where embeddings of a gallery are those of another model than when it was begun to be read. */
export function modelChanged(gallery: string, before: string, after: string): NearFaceError {
  return new NearFaceError(
    'MODEL_MISMATCH',
    `The gallery '${gallery}' got embeddings of '${after}' in place of those of '${before}' while it was exported; export it again`,
    { gallery, galleryModel: after, model: before },
  );
}

/** Where a database can no longer be used. */
export function databaseClosed(database: string, why: string): NearFaceError {
  return new NearFaceError(
    'STORAGE_FAILED',
    `The database ${database} cannot be used: ${why}; dispose of this NearFace and create another`,
    { database },
  );
}

/** Where something cannot be done while an import is under way. */
export function importUnderWay(): NearFaceError {
  return new NearFaceError(
    'STORAGE_FAILED',
    'An import into this database is under way, here or in another page or script; repeat the call when it has ended',
  );
}

/** Where others have ended an import. */
export function importDisturbed(): NearFaceError {
  return new NearFaceError(
    'STORAGE_FAILED',
    'Nothing was imported: the database was erased meanwhile, or another page or script took the import for ended; import the file again',
  );
}

/** Of a face whose vector cannot be read. */
export function damagedEmbedding(id: string): NearFaceError {
  const text = `The stored embedding of the face '${id}' is damaged; galleries.regenerate() makes it anew if its crop was kept, else delete the face and enrol it again`;
  return new NearFaceError('STORAGE_FAILED', text, { id });
}
