/** Runs in the page: reads a reopened store through the worker, every face of it, and then by {@link readRaw}. */
import type { FaceRecord, GallerySummary } from '../../src/core/records.ts';
import type { GalleryCalls } from '../../src/worker/contract.ts';
import { isSameVector } from '../../src/gallery/face-rules.ts';
import { DIMENSION, pictureOf, vectorOf } from './faces.ts';
import type { Found } from './model.ts';
import { Problems } from './problems.ts';
import { checkRaw, sameBits } from './raw.ts';

const PAGE = 700;

/** Faces whose vector and picture are also read through the worker, and that are searched for. */
const SAMPLE = 8;

/** Everything in the store, and every way in which it contradicts itself. */
export async function findAll(
  calls: GalleryCalls,
  database: string,
  passphrase: string | null,
): Promise<Omit<Found, 'slots'>> {
  const problems = new Problems();
  const galleries = await calls.listGalleries();
  const lists = await Promise.all(galleries.map(({ name }) => listAll(calls, name)));
  const faces = new Map<string, FaceRecord>();
  for (const [i, { name }] of galleries.entries())
    for (const face of lists[i] ?? []) {
      const known = faces.get(face.id);
      if (known) problems.same(`${face.id} in two galleries`, face, known);
      if (!face.galleries.includes(name)) problems.all.push(`${face.id} is listed in ${name}`);
      faces.set(face.id, face);
    }
  const records = [...faces.values()];
  // All at once: one after the other they would wait for the worker most of the time.
  await Promise.all([
    ...galleries.map((summary, i) => checkGallery(calls, summary, lists[i] ?? [], problems)),
    ...sampleOf(records).map((face) => checkFace(calls, face, passphrase !== null, problems)),
    checkSearch(calls, galleries, records, problems),
    checkRaw(database, passphrase, records, problems),
    checkUsage(calls, records, problems),
  ]);
  return {
    faces: records.map(({ id, meta, galleries: names, pictures, photoHash, modelId }) => ({
      id,
      meta,
      galleries: names,
      picture: pictures.length > 0,
      model: modelId,
      ...(photoHash !== undefined && { photo: photoHash }),
    })),
    galleries: galleries.map(({ name, capacity }) => ({ name, capacity })),
    jobs: await findJobs(calls, problems),
    passphrase,
    problems: problems.all,
  };
}

/** Every job with its photos; its counts agree with them, and photos that wait have their bytes. */
async function findJobs(calls: GalleryCalls, problems: Problems): Promise<Found['jobs']> {
  const all = (await calls.listJobs()).filter((job) => job.kind === 'enrol');
  return Promise.all(
    all.map(async ({ id, gallery, state, counts, incomplete = false }) => {
      const [items, waiting] = await Promise.all([calls.listJobItems(id), calls.waitingItems(id, 0, 1000)]);
      for (const status of Object.keys(counts) as (keyof typeof counts)[])
        problems.same(
          `${id}: ${status}`,
          counts[status],
          items.filter((item) => item.status === status).length,
        );
      problems.same(
        `${id}: numbers of photos`,
        items.map(({ index }) => index),
        items.map((_, i) => i),
      );
      if (state === 'running') problems.same(`${id}: photos that wait`, waiting.length, counts.waiting);
      for (const { index, name, photo } of waiting)
        problems.same(`${id}: bytes of photo ${index}`, [...photo], [...pictureOf(name)]);
      return {
        id,
        gallery,
        state,
        incomplete,
        items: items.map(({ name, status, ids }) => ({ photo: name, status, ids })),
      };
    }),
  );
}

async function listAll(calls: GalleryCalls, gallery: string): Promise<readonly FaceRecord[]> {
  const all: FaceRecord[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await calls.listFaces(gallery, query);
    all.push(...page.records);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

/** All that a gallery says of itself agrees with the faces that it lists. */
async function checkGallery(
  calls: GalleryCalls,
  { name, count, modelId }: GallerySummary,
  there: readonly FaceRecord[],
  problems: Problems,
): Promise<void> {
  const metas = new Map<string, number>();
  for (const { meta } of there) metas.set(meta, (metas.get(meta) ?? 0) + 1);
  const [counted, stats, counts] = await Promise.all([
    calls.metas(name),
    calls.stats(name),
    calls.count(name),
  ]);
  problems.same(`${name}: count in the list of galleries`, count, there.length);
  problems.same(`${name}: models`, [...new Set(there.map((face) => face.modelId))], modelId ? [modelId] : []);
  problems.same(`${name}: count`, counts, there.length);
  problems.same(
    `${name}: metas`,
    counted.map(({ meta, count: of }) => [meta, of]),
    [...metas].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  const strangers = counted.filter(
    ({ meta, face }) => !there.some((f) => f.id === face.id && f.meta === meta),
  );
  problems.same(`${name}: metas that show another's face`, strangers, []);
  problems.same(`${name}: faces in stats`, stats.faces, there.length);
  problems.same(`${name}: bytes of vectors`, stats.bytes.vectors, there.length * DIMENSION * 4);
  problems.same(`${name}: bytes of pictures`, stats.bytes.pictures, pictureBytes(there));
}

function pictureBytes(faces: readonly FaceRecord[]): number {
  const withPicture = faces.filter(({ pictures }) => pictures.length > 0);
  return withPicture.reduce((sum, { id }) => sum + pictureOf(id).length, 0);
}

async function checkUsage(
  calls: GalleryCalls,
  records: readonly FaceRecord[],
  problems: Problems,
): Promise<void> {
  const { faces, bytes } = await calls.info();
  problems.same('faces in all', faces, records.length);
  problems.same('bytes of pictures', bytes.pictures, pictureBytes(records));
}

/** Some faces, spread over all. */
function sampleOf(records: readonly FaceRecord[]): readonly FaceRecord[] {
  const step = Math.max(1, Math.floor(records.length / SAMPLE));
  return records.filter((_, i) => i % step === 0);
}

/** The worker gives the face's vector, bit for bit where it is not rotated, and picture. */
async function checkFace(
  calls: GalleryCalls,
  { id, galleries, pictures, modelId }: FaceRecord,
  isRotated: boolean,
  problems: Problems,
): Promise<void> {
  const [gallery] = galleries as readonly [string, ...string[]];
  const [vector, picture] = await Promise.all([
    calls.getVector(gallery, id),
    calls.getPicture(gallery, id, 'crop'),
  ]);
  const isSame = isRotated ? isSameVector : sameBits;
  problems.same(`${id}: vector from the worker`, isSame(vector, vectorOf(id, modelId)), true);
  const bytes = picture && [...new Uint8Array(await picture.arrayBuffer())];
  problems.same(`${id}: picture from the worker`, bytes, pictures.length > 0 ? [...pictureOf(id)] : null);
}

/** In each gallery, some of its faces are found by their vectors. */
async function checkSearch(
  calls: GalleryCalls,
  galleries: readonly GallerySummary[],
  records: readonly FaceRecord[],
  problems: Problems,
): Promise<void> {
  for (const { name, modelId } of galleries) {
    if (modelId === null) continue;
    const ids = sampleOf(records.filter((face) => face.galleries.includes(name))).map(({ id }) => id);
    const probes = ids.map((id) => vectorOf(id, modelId));
    const request = { modelId, probes, limit: 1, minCosine: 0.999 };
    const hits = await calls.search(name, request);
    problems.same(
      `${name}: found by their vectors`,
      hits.map(([hit]) => hit?.record.id),
      ids,
    );
  }
}
