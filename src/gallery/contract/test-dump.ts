/** Everything that a database tells. */
import { expect } from 'vitest';
import type { FaceRecord, PictureKind } from '../../core/records.ts';
import type { GalleryDatabase } from '../port.ts';
import type { StoredFace } from '../stored.ts';

const KINDS: readonly PictureKind[] = ['thumbnail', 'crop', 'photo'];

/** All faces of a gallery, page by page. */
export async function allFaces(
  database: GalleryDatabase,
  gallery: string,
  limit = 97,
): Promise<readonly FaceRecord[]> {
  const records: FaceRecord[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await database.listFaces(gallery, { limit, ...(cursor !== undefined && { cursor }) });
    records.push(...page.records);
    ({ cursor } = page);
  }
  return records;
}

/** A gallery's faces with their numbers. */
export async function storedFaces(
  database: GalleryDatabase,
  gallery: string,
): Promise<readonly StoredFace[]> {
  const ids = (await allFaces(database, gallery)).map(({ id }) => id);
  const ends = await Promise.all(ids.length > 0 ? [readFirst(ids), readFirst(ids.toReversed())] : []);
  const [first = 1, last = 0] = ends.map(({ seq }) => seq);
  const numbers = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const faces = (await database.readFaces(numbers)).filter(({ galleries }) => galleries.includes(gallery));
  expect(faces.map(({ id }) => id)).toEqual(ids);
  return faces;

  function readFirst([id]: readonly string[]): Promise<StoredFace> {
    return database.readFace(gallery, id as string);
  }
}

/** Everything but how it lies, as plain data: two of them are equal where nothing has changed. */
export async function dump(database: GalleryDatabase): Promise<unknown> {
  const galleries = await database.listGalleries();
  const faces = await Promise.all(galleries.map(({ name }) => dumpGallery(database, name)));
  const { usageBytes: _, quotaBytes: _quota, ...usage } = await database.usage();
  return { galleries, faces, usage, jobs: await dumpJobs(database), stale: await dumpStale(database) };
}

async function dumpGallery(database: GalleryDatabase, gallery: string): Promise<unknown> {
  const faces = await storedFaces(database, gallery);
  const whole = await Promise.all(
    faces.map(async (face) => {
      const { id } = face;
      const pictures = await Promise.all(
        KINDS.map(async (kind) => textOf(await database.readPicture(gallery, id, kind))),
      );
      return { face, vector: [...(await database.readVector(gallery, id))], pictures };
    }),
  );
  return { whole, metas: await database.listMetas(gallery) };
}

async function textOf(picture: Blob | null): Promise<string | null> {
  return picture && `${picture.type}: ${await picture.text()}`;
}

async function dumpJobs(database: GalleryDatabase): Promise<unknown> {
  const { jobs } = database;
  return Promise.all(
    (await jobs.listJobs()).map(async (job) => {
      if (job.kind === 'recognise') return dumpRecognition(database, job.id);
      const items = await jobs.listJobItems(job.id);
      const waiting = await jobs.waitingItems(job.id, 0, 1000);
      return { job, items, waiting: waiting.map(({ photo, ...item }) => ({ ...item, photo: [...photo] })) };
    }),
  );
}

async function dumpRecognition({ jobs }: GalleryDatabase, id: string): Promise<unknown> {
  const { recognitions } = jobs;
  const [job, checkpoint, seen] = await Promise.all([
    jobs.readJob(id),
    recognitions.readCheckpoint(id),
    recognitions.listAppearances(id, 0, 1000),
  ]);
  const sources = job.kind === 'recognise' ? job.sources : [];
  const pieces = await Promise.all(sources.map((_, i) => recognitions.readSourcePiece(id, i, 0)));
  return { job, checkpoint, seen, pieces };
}

/** Models whose new embeddings are looked at. */
const MODELS: readonly string[] = ['model-8', 'model-5', 'model-12'];

async function dumpStale(database: GalleryDatabase): Promise<unknown> {
  const { regenerated } = database;
  return Promise.all(
    MODELS.map(async (modelId) => {
      const counts = await regenerated.countStale(modelId);
      const stale = await regenerated.nextStale(modelId, 0, 1000);
      return { counts, ids: stale.map(({ seq, id }) => [seq, id]) };
    }),
  );
}
