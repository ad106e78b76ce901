/** Runs in the page: reads a reopened store through the worker, every face of it, and then by {@link readRaw}. */
import type { Remote } from 'comlink';
import type { FaceRecord, GallerySummary } from '../../src/core/records.ts';
import type { GalleryApi, WireResult } from '../../src/worker/contract.ts';
import { DIMENSION, MODEL, pictureOf, vectorOf } from './faces.ts';
import type { Found } from './model.ts';
import { checkRaw } from './raw.ts';

const PAGE = 700;

/** Faces whose vector and picture are also read through the worker, and that are searched for. */
const SAMPLE = 8;

/** What a worker answered. */
export function value<T>(result: WireResult<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}

/** Notes what is not as it should be. */
export class Problems {
  readonly all: string[] = [];

  /** Values are compared as JSON. */
  same(what: string, is: unknown, expected: unknown): void {
    const [left, right] = [JSON.stringify(is), JSON.stringify(expected)];
    if (left !== right) this.all.push(`${what}: ${left}, not ${right}`);
  }
}

/** Everything in the store, and every way in which it contradicts itself. */
export async function findAll(api: Remote<GalleryApi>, database: string): Promise<Found> {
  const problems = new Problems();
  const galleries = value(await api.listGalleries());
  const faces = new Map<string, FaceRecord>();
  for (const summary of galleries) {
    const there = await listAll(api, summary.name);
    await checkGallery(api, summary, there, problems);
    for (const face of there) {
      problems.same(`${face.id} in two galleries`, face, faces.get(face.id) ?? face);
      problems.same(`${face.id} is listed in ${summary.name}`, face.galleries.includes(summary.name), true);
      faces.set(face.id, face);
    }
  }
  const records = [...faces.values()];
  const usage = value(await api.info());
  problems.same('faces in all', usage.faces, records.length);
  problems.same('bytes of pictures', usage.bytes.pictures, pictureBytes(records));
  await checkSample(api, records, problems);
  await checkRaw(database, records, problems);
  return {
    faces: records.map(({ id, meta, galleries: names, pictures }) => ({
      id,
      meta,
      galleries: names,
      picture: pictures.length > 0,
    })),
    galleries: galleries.map(({ name, capacity }) => ({ name, capacity })),
    problems: problems.all,
  };
}

async function listAll(api: Remote<GalleryApi>, gallery: string): Promise<readonly FaceRecord[]> {
  const all: FaceRecord[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = value(await api.listFaces(gallery, query));
    all.push(...page.records);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

/** All that a gallery says of itself agrees with the faces that it lists. */
async function checkGallery(
  api: Remote<GalleryApi>,
  { name, count, modelId }: GallerySummary,
  there: readonly FaceRecord[],
  problems: Problems,
): Promise<void> {
  const metas = new Map<string, number>();
  for (const { meta } of there) metas.set(meta, (metas.get(meta) ?? 0) + 1);
  const counted = value(await api.metas(name));
  const stats = value(await api.stats(3, name, 0));
  problems.same(`${name}: count in the list of galleries`, count, there.length);
  problems.same(`${name}: model`, modelId, there.length > 0 ? MODEL : null);
  problems.same(`${name}: count`, value(await api.count(name)), there.length);
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

/** Some faces, spread over all: the worker gives their vectors and pictures, and a search finds them. */
async function checkSample(
  api: Remote<GalleryApi>,
  records: readonly FaceRecord[],
  problems: Problems,
): Promise<void> {
  const step = Math.max(1, Math.floor(records.length / SAMPLE));
  for (const { id, galleries, pictures } of records.filter((_, i) => i % step === 0)) {
    const [gallery] = galleries as readonly [string, ...string[]];
    const vector = value(await api.getVector(gallery, id));
    problems.same(`${id}: vector from the worker`, [...vector], [...vectorOf(id)]);
    const picture = value(await api.getPicture(gallery, id, 'crop'));
    const bytes = picture && [...new Uint8Array(await picture.arrayBuffer())];
    problems.same(`${id}: picture from the worker`, bytes, pictures.length > 0 ? [...pictureOf(id)] : null);
    const request = { modelId: MODEL, probes: [vectorOf(id)], limit: 1, minCosine: 0.999 };
    const [hits] = value(await api.search(4, gallery, request));
    problems.same(`${id}: found by its vector`, hits?.[0]?.record.id, id);
  }
}
