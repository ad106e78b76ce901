import type { Random } from '../random.ts';
import { type Api, CallFailed, type ToldFace } from './api.ts';
import type { WritingClient } from './client.ts';
import { cosineOf, vectorOf } from './faces.ts';
import { judge, type Verdict } from './model.ts';

/** Embeddings of this cosine are the same one, but for rounding. */
const SAME = 0.9999;

/** Faces whose embeddings are looked at beside those that changed. */
const SAMPLE = 60;

/** Calls that are under way at a time. */
const AT_ONCE = 8;

/** Ids below are of faces whose embeddings follow from them. */
const PHOTO_IDS = 1e9;

/** How long a store that was killed may refuse to answer, in milliseconds. */
const RECOVERY_MS = 60_000;

/** What a look needs to know. */
export interface Looking {
  readonly clients: readonly WritingClient[];
  readonly random: Random;
  readonly dimension: number;
  /** Embeddings of the photo's faces. */
  readonly photoVectors: readonly Float32Array[];
}

/** Looks at all that is in the store: lists, embeddings, searches and pictures. @param whole - at all embeddings */
export async function look(api: Api, looking: Looking, whole: boolean): Promise<Verdict> {
  const faces = await patiently(() => api.faces());
  const galleries = await api.galleries();
  const known = looking.clients.map((client) => client.known);
  const verdict = judge(known, { faces, galleries }, looking.photoVectors.length);
  const touched = new Set(looking.clients.flatMap((client) => [...client.touched]));
  const sample = new Set(whole ? faces : Array.from({ length: SAMPLE }, () => looking.random.pick(faces)));
  const torn = [...verdict.torn];
  const looked = faces.filter((face) => touched.has(face.id) || face.id > PHOTO_IDS || sample.has(face));
  await eachOf(looked, async (face) => torn.push(...(await faultsOf(api, looking, face))));
  // What is gone is found by nobody.
  const there = new Set(faces.map(({ id }) => id));
  const gone = [...touched].filter((id) => !there.has(id) && id < PHOTO_IDS);
  await eachOf(gone, async (id) => {
    const hits = await api.search(vectorOf(id, looking.dimension), 1);
    for (const hit of hits) torn.push(`face ${id} is gone, and a search finds face ${hit.id}`);
  });
  looking.clients.forEach((client, i) =>
    client.goOnFrom(verdict.states[i] as (typeof verdict.states)[number]),
  );
  return { ...verdict, torn };
}

async function faultsOf(
  api: Api,
  { dimension, photoVectors }: Looking,
  { id, normalized }: ToldFace,
): Promise<readonly string[]> {
  const vector = new Float32Array(await api.vector(id));
  const isOfPhoto = id > PHOTO_IDS;
  const expected = isOfPhoto ? photoVectors : [vectorOf(id, dimension)];
  const faults: string[] = [];
  if (!expected.some((one) => cosineOf(one, vector) > SAME)) faults.push(`face ${id} has another embedding`);
  // Several faces have the embedding of one photo.
  const hits = await api.search(vector, isOfPhoto ? 1000 : 1);
  if (!hits.some((hit) => hit.id === id)) faults.push(`face ${id} is not found by its embedding`);
  if (isOfPhoto && (normalized === undefined || (await api.pictureBytes(normalized)) < 100))
    faults.push(`face ${id} has no crop`);
  return faults;
}

async function eachOf<T>(values: readonly T[], work: (value: T) => Promise<unknown>): Promise<void> {
  const waiting = [...values];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) await work(value);
    }),
  );
}

/** Asks again as long as the store may be recovering. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + RECOVERY_MS; ;) {
    try {
      return await ask();
    } catch (error) {
      const isPassing = error instanceof CallFailed && [0, 503].includes(error.status);
      if (!isPassing || performance.now() > until) throw error;
      await new Promise((later) => setTimeout(later, 100));
    }
  }
}
