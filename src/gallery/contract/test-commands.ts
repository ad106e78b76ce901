/** Operations on galleries, done on a database and on its model. */
import { expect } from 'vitest';
import type { PreparedFace } from '../face-input.ts';
import { groupBy } from '../group-by.ts';
import type { GalleryDatabase, Import } from '../port.ts';
import { testVector } from '../test-vector.ts';
import {
  dimensionOf,
  firstRefusal,
  type GalleryModel,
  type ModelFace,
  modelOfDimension,
} from './test-model.ts';
import type { Command } from './test-arbitraries.ts';
import { outcome, picture, prepared } from './test-subject.ts';

/** Does it on both, and holds what becomes of it against what should. */
export async function apply(
  database: GalleryDatabase,
  model: GalleryModel,
  command: Exclude<Command, { kind: 'reopen' }>,
): Promise<void> {
  switch (command.kind) {
    case 'create':
      return create(database, model, command.gallery);
    case 'delete-gallery':
    case 'delete-with-faces':
      return deleteGallery(database, model, command);
    case 'add':
      return addFaces(database, model, command);
    case 'delete':
    case 'delete-anywhere':
      return deleteFaces(database, model, command);
    case 'replace':
      return replaceFace(database, model, command);
    case 'expire':
      return expireFaces(database, model, command.now);
    case 'update':
      return updateFaces(database, model, command);
    case 'erase':
      await database.eraseAll();
      return model.erase();
    case 'import':
      return importFaces(database, model, command);
    case 'swap':
      return swapFaces(database, model, command);
  }
}

/** The commands that may be of a kind. */
type Of<Kind extends Command['kind']> = Command extends infer Any
  ? Any extends { readonly kind: infer K }
    ? Kind extends K
      ? Any
      : never
    : never
  : never;

async function create(database: GalleryDatabase, model: GalleryModel, name: string): Promise<void> {
  const capacity = name === 'a' ? model.capacity : null;
  const expected = model.galleries.has(name) ? 'GALLERY_EXISTS' : 'ok';
  expect(await outcome(database.createGallery(name, capacity))).toBe(expected);
  if (expected === 'ok') model.galleries.set(name, capacity);
}

async function deleteGallery(
  database: GalleryDatabase,
  model: GalleryModel,
  { kind, gallery: name }: Of<'delete-gallery'>,
): Promise<void> {
  const withFaces = kind === 'delete-with-faces';
  const found = model.galleries.has(name) ? 'ok' : 'GALLERY_NOT_FOUND';
  const expected = name === 'default' ? 'BAD_PARAM' : found;
  expect(await outcome(database.deleteGallery(name, { withFaces }))).toBe(expected);
  if (expected !== 'ok') return;
  for (const face of model.in(name)) {
    if (withFaces) model.faces.delete(face.id);
    else model.leave(face, name);
  }
  model.galleries.delete(name);
}

/** New faces, of which each one's seed is its own. */
function newFaces(
  seeds: readonly number[],
  dimension: number,
  galleries: readonly string[],
  hasCrop: boolean,
): readonly PreparedFace[] {
  const modelId = modelOfDimension(dimension);
  return seeds.map((seed) => {
    const pictures = hasCrop ? [picture('crop', `crop of ${seed}`)] : [];
    const vector = testVector(seed, dimension);
    return prepared(seed, { meta: `m${seed % 7}`, galleries, modelId, vector, pictures });
  });
}

function addToModel(
  model: GalleryModel,
  faces: readonly PreparedFace[],
  seeds: readonly number[],
  isHidden: boolean,
): void {
  for (const [i, { id, meta, galleries, modelId, pictures }] of faces.entries())
    model.add({
      id,
      meta,
      galleries,
      modelId,
      seed: seeds[i] as number,
      hasCrop: pictures.length > 0,
      isHidden,
    });
}

async function addFaces(database: GalleryDatabase, model: GalleryModel, step: Of<'add'>): Promise<void> {
  const { galleries, count, dimension, hasCrop } = step;
  const modelId = modelOfDimension(dimension);
  const expected = firstRefusal(galleries.map((name) => model.refuses(name, modelId, count)));
  const seeds = model.seeds(count);
  const faces = newFaces(seeds, dimension, galleries, hasCrop);
  expect(await outcome(database.addFaces(faces))).toBe(expected);
  if (expected === 'ok') addToModel(model, faces, seeds, false);
}

/** The picked faces of a gallery; where it has none, one that is nowhere. */
function pick(model: GalleryModel, gallery: string, numbers: readonly number[]): readonly string[] {
  const there = model.in(gallery);
  return numbers.map((n) => there[n % Math.max(1, there.length)]?.id ?? 'nobody');
}

/** @param isAnywhere - whether the gallery's faces are looked for in all galleries */
function notFound(model: GalleryModel, gallery: string, isAnywhere = false): string {
  if (!isAnywhere && !model.galleries.has(gallery)) return 'GALLERY_NOT_FOUND';
  return model.in(gallery).length === 0 ? 'FACE_NOT_FOUND' : 'ok';
}

async function deleteFaces(
  database: GalleryDatabase,
  model: GalleryModel,
  step: Of<'delete'>,
): Promise<void> {
  const ids = pick(model, step.gallery, step.picks);
  const isAnywhere = step.kind === 'delete-anywhere';
  const scope = isAnywhere ? null : step.gallery;
  const expected = notFound(model, step.gallery, isAnywhere);
  expect(await outcome(database.deleteFaces(scope, ids))).toBe(expected);
  if (expected !== 'ok') return;
  for (const id of new Set(ids)) {
    if (isAnywhere) model.faces.delete(id);
    else model.leave(model.faces.get(id) as ModelFace, step.gallery);
  }
}

async function replaceFace(
  database: GalleryDatabase,
  model: GalleryModel,
  step: Of<'replace'>,
): Promise<void> {
  const [id] = pick(model, step.gallery, [step.pick]) as [string];
  const [seed] = model.seeds(1) as [number];
  const face = model.faces.get(id);
  const modelId = face?.modelId ?? 'model-8';
  const pictures = step.hasCrop ? [picture('crop', `crop of ${seed}`)] : [];
  const by = prepared(seed, { modelId, vector: testVector(seed, dimensionOf(modelId)), pictures });
  const expected = notFound(model, step.gallery, step.isAnywhere);
  const scope = step.isAnywhere ? null : step.gallery;
  expect(await outcome(database.replaceFace(scope, id, by))).toBe(expected);
  if (expected !== 'ok' || !face) return;
  Object.assign(face, { seed, cropSeed: seed, hasCrop: step.hasCrop });
  face.fresh.clear();
}

async function expireFaces(database: GalleryDatabase, model: GalleryModel, now: number): Promise<void> {
  await database.removeExpired(now);
  for (const { id, expiresAt = Infinity } of model.seen) if (expiresAt <= now) model.faces.delete(id);
}

async function updateFaces(
  database: GalleryDatabase,
  model: GalleryModel,
  step: Of<'update'>,
): Promise<void> {
  const { gallery, patch } = step;
  const ids = [...new Set(pick(model, gallery, step.picks))];
  const faces = ids.flatMap((id) => model.faces.get(id) ?? []);
  const found = notFound(model, gallery);
  const after = found === 'ok' ? model.patchedGalleries(faces, patch.galleries) : undefined;
  const expected = found !== 'ok' ? found : after ? refusedUpdate(model, faces, after) : 'BAD_PARAM';
  expect(await outcome(database.updateFaces(gallery, ids, patch))).toBe(expected);
  if (expected !== 'ok') return;
  for (const [i, face] of faces.entries()) {
    face.galleries = after?.[i] as readonly string[];
    face.meta = patch.meta ?? face.meta;
    if (patch.personId !== undefined) face.personId = patch.personId ?? undefined;
    if (patch.expiresAt !== undefined) face.expiresAt = patch.expiresAt ?? undefined;
  }
}

function refusedUpdate(
  model: GalleryModel,
  faces: readonly ModelFace[],
  after: readonly (readonly string[])[],
): string {
  const { modelId } = faces[0] as ModelFace;
  const entering = groupBy(after.flat(), (name) => name);
  return firstRefusal(
    Array.from(entering, ([name, some]) => model.refuses(name, modelId, some.length, faces)),
  );
}

async function importFaces(
  database: GalleryDatabase,
  model: GalleryModel,
  step: Of<'import'>,
): Promise<void> {
  const { gallery, dimension } = step;
  const modelId = modelOfDimension(dimension);
  let expected = 'ok';
  let stored = 0;
  const work = async (into: Import): Promise<void> => {
    for (const { count, meanwhile } of step.batches) {
      const isDisturbed = stored > 0 && !model.isImporting;
      expected = isDisturbed ? 'STORAGE_FAILED' : model.refuses(gallery, modelId, stored + count);
      const seeds = model.seeds(count);
      const faces = newFaces(seeds, dimension, [gallery], false);
      // Until the first of them is there the import has not begun.
      model.isImporting ||= stored === 0;
      await into.store(faces);
      expect(expected).toBe('ok');
      stored += count;
      addToModel(model, faces, seeds, true);
      for (const other of meanwhile) await apply(database, model, other);
    }
    const end = model.refuses(gallery, modelId, stored);
    expected = model.isImporting ? end : 'STORAGE_FAILED';
    if (step.fails) throw new Cancelled();
  };
  const done = database.importInto(gallery, work, new AbortController().signal);
  const became = await outcome(
    done.catch((error: unknown) => (error instanceof Cancelled ? undefined : Promise.reject(error as Error))),
  );
  if (!step.fails || stored < step.batches.reduce((sum, { count }) => sum + count, 0))
    expect(became).toBe(expected);
  model.endImport(expected === 'ok' && !step.fails);
}

class Cancelled extends Error {}

async function swapFaces(database: GalleryDatabase, model: GalleryModel, step: Of<'swap'>): Promise<void> {
  const { dimension, share, missing } = step;
  const modelId = modelOfDimension(dimension);
  const { regenerated } = database;
  const stale = model.seen.filter((face) => face.modelId !== modelId);
  const waiting = stale.filter(({ fresh }) => !fresh.has(modelId));
  expect(await regenerated.countStale(modelId)).toEqual({
    stale: stale.length,
    made: stale.length - waiting.length,
  });
  const next = await regenerated.nextStale(modelId, 0, 100_000);
  expect(next.map(({ id }) => id)).toEqual(waiting.map(({ id }) => id));
  const made = next.filter((_, i) => i % share > 0);
  for (const { id } of made) {
    const face = model.faces.get(id) as ModelFace;
    face.fresh.set(modelId, face.seed + 10_000);
  }
  await regenerated.putRegenerated(
    modelId,
    made.map(({ seq, id }) => ({
      seq,
      vector: testVector((model.faces.get(id) as ModelFace).seed + 10_000, dimension),
    })),
  );
  const without = stale.filter(({ fresh }) => !fresh.has(modelId));
  const expected = without.length > 0 && missing === 'keep' ? 'BAD_PARAM' : 'ok';
  expect(await outcome(regenerated.swapRegenerated(modelId, missing))).toBe(expected);
  if (expected !== 'ok') return;
  for (const { id } of without) model.faces.delete(id);
  for (const face of model.faces.values()) {
    if (face.modelId !== modelId) face.seed = face.fresh.get(modelId) as number;
    face.modelId = modelId;
    face.fresh.clear();
  }
}

/** The vector that a face should have. */
export function vectorOf({ modelId, seed }: ModelFace): Float32Array<ArrayBuffer> {
  return testVector(seed, dimensionOf(modelId));
}
