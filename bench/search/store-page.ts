/** Runs in the page: many faces in the real store behind a worker; how long it takes, and what the page feels. */
import type { FaceInput } from '../../src/worker/contract.ts';
import { syntheticFaces, syntheticProbes } from '../harness/synthetic-faces.ts';
import { BATCH, DATABASE, enrol, MODEL, open, PER_PERSON, start } from '../harness/store-client.ts';

/** What the store does with a gallery of some size. */
export interface StoreFigures {
  readonly faces: number;
  readonly fillMs: number;
  readonly openMs: number;
  /** Reading the same segments from IndexedDB with nothing done to them. */
  readonly readMs: number;
  readonly openStallMs: number;
  /** Longest time between two turns of the page's event loop in two seconds when nothing is asked. */
  readonly idleStallMs: number;
  readonly searchMs: readonly number[];
  readonly searchStallMs: number;
  /** A search for the best face alone. */
  readonly singleMs: readonly number[];
  readonly batchProbes: number;
  /** Per probe, of each round. */
  readonly batchMs: readonly number[];
  readonly clusterMs?: number;
  readonly groups?: number;
  readonly metasMs: number;
  readonly pageMs: number;
  readonly addMs: readonly number[];
  readonly memoryBytes: number;
  readonly right: number;
}

/** Deleting half of a gallery. */
export interface DeleteFigures {
  readonly deleted: number;
  readonly deleteMs: number;
  /** Until no segments can be joined any more. */
  readonly compactMs: number;
  readonly searchMs: readonly number[];
}

/** Enrols the synthetic faces; returns the milliseconds it took. */
async function fillStore(vectors: Float32Array, dimension: number): Promise<number> {
  const { api, galleries, end } = start();
  const started = performance.now();
  await open(api);
  await enrol(galleries, vectors, dimension);
  const ms = performance.now() - started;
  end();
  return ms;
}

/** Reads all segments as an opening does, and nothing else. */
function readPlainly(): Promise<number> {
  const source = `onmessage = async () => {
    const wait = (request) => new Promise((done, fail) => { request.onsuccess = () => done(request.result); request.onerror = () => fail(request.error); });
    const db = await wait(indexedDB.open('${DATABASE}'));
    const started = performance.now();
    const store = db.transaction('vectors').objectStore('vectors');
    const keys = await wait(store.getAllKeys());
    let bytes = 0;
    let next;
    for (let i = 0; i < keys.length; i += 32) {
      const slice = next ?? wait(store.getAll(IDBKeyRange.bound(keys[i], keys[Math.min(keys.length, i + 32) - 1])));
      next = i + 32 < keys.length ? wait(store.getAll(IDBKeyRange.bound(keys[i + 32], keys[Math.min(keys.length, i + 64) - 1]))) : undefined;
      for (const { vectors } of await slice) bytes += vectors.byteLength;
    }
    postMessage(performance.now() - started);
    db.close();
  }`;
  const worker = new Worker(URL.createObjectURL(new Blob([source])));
  return new Promise((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<number>): void => {
      worker.terminate();
      resolve(data);
    };
    worker.postMessage(null);
  });
}

/** Calls `work` and measures it, and the longest turn of this page's event loop meanwhile. */
async function watched<T>(work: () => Promise<T>): Promise<{ result: T; ms: number; stallMs: number }> {
  const { port1, port2 } = new MessageChannel();
  let last = performance.now();
  let stallMs = 0;
  port1.onmessage = (): void => {
    const now = performance.now();
    stallMs = Math.max(stallMs, now - last);
    last = now;
    setTimeout(() => port2.postMessage(null), 1);
  };
  port2.postMessage(null);
  const started = performance.now();
  const result = await work();
  const ms = performance.now() - started;
  port1.close();
  return { result, ms, stallMs };
}

const BATCH_PROBES = 256;
const BATCH_ROUNDS = 9;

/** How long the store is left alone before it is searched after a mass deletion. */
const QUIET_MS = 10_000;

/** Fills a store, opens it in a new worker, and uses it. */
export async function useStore(rows: number, dimension: number, searches: number): Promise<StoreFigures> {
  const vectors = syntheticFaces(rows, dimension, 1);
  const probes = syntheticProbes(vectors, dimension, searches, 2);
  const crowd = syntheticProbes(vectors, dimension, BATCH_PROBES, 3);
  const fillMs = await fillStore(vectors, dimension);
  const idle = await watched(() => new Promise((done) => setTimeout(done, 2000)));
  const readMs = await readPlainly();
  const { api, galleries, end } = start();
  const opened = await watched(() => open(api));
  const searchMs: number[] = [];
  let right = 0;
  const namesOf = async (some: readonly Float32Array<ArrayBuffer>[], limit: number): Promise<string[]> => {
    const request = { modelId: MODEL, probes: some, limit, minCosine: -1 };
    return (await galleries.search('default', request)).map(([hit]) => hit?.record.meta ?? '');
  };
  for (const probe of probes.slice(0, 3)) await namesOf([probe], 10);
  const searched = await watched(async () => {
    for (const [n, probe] of probes.entries()) {
      const started = performance.now();
      const [meta] = await namesOf([probe], 10);
      searchMs.push(performance.now() - started);
      const person = Math.floor(Math.floor(((n + 0.5) / probes.length) * rows) / PER_PERSON);
      if (meta === `person ${person}`) right++;
    }
  });
  const singleMs: number[] = [];
  for (const probe of probes) singleMs.push((await watched(() => namesOf([probe], 1))).ms);
  const batchMs: number[] = [];
  for (let round = 0; round < BATCH_ROUNDS; round++)
    batchMs.push((await watched(() => namesOf(crowd, 1))).ms / BATCH_PROBES);
  const grouped =
    rows <= 100_000
      ? await watched(() => galleries.cluster('default', { minCosine: 0.45, minSize: 2 }))
      : undefined;
  const metas = await watched(() => galleries.metas('default'));
  const page = await watched(() => galleries.listFaces('default', { limit: 100 }));
  const { memoryBytes } = await galleries.stats('default', 0);
  const addMs: number[] = [];
  for (let i = 0; i < 10; i++) {
    const vector = probes[i] as Float32Array<ArrayBuffer>;
    const face: FaceInput = { meta: 'new', galleries: ['default'], modelId: MODEL, vector, pictures: {} };
    const { ms, result } = await watched(() => galleries.addFaces([face]));
    addMs.push(ms);
    const ids = result.map(({ id }) => id);
    await galleries.deleteFaces('default', ids);
  }
  end();
  return {
    faces: opened.result,
    fillMs,
    openMs: opened.ms,
    readMs,
    openStallMs: opened.stallMs,
    idleStallMs: idle.stallMs,
    searchMs,
    searchStallMs: searched.stallMs,
    singleMs,
    batchProbes: BATCH_PROBES,
    ...(grouped && { clusterMs: grouped.ms, groups: grouped.result.groups.length }),
    batchMs,
    metasMs: metas.ms,
    pageMs: page.ms,
    addMs,
    memoryBytes,
    right: right / probes.length,
  };
}

/** Deletes every second face of the filled store, waits until it is compact, and searches it. */
export async function halveStore(rows: number, dimension: number, searches: number): Promise<DeleteFigures> {
  const vectors = syntheticFaces(rows, dimension, 1);
  const probes = syntheticProbes(vectors, dimension, searches, 2);
  const { api, galleries, end } = start();
  await open(api);
  const deleting = await watched(async () => {
    for (let from = 0; from < rows; from += 2 * BATCH) {
      const ids = Array.from(
        { length: Math.min(BATCH, (rows - from) / 2) },
        (_, i) => `face-${from + 2 * i}`,
      );
      await galleries.deleteFaces('default', ids);
    }
  });
  const segments = Math.ceil(rows / 2 / 256);
  const compacting = await watched(async () => {
    while ((await galleries.stats('default', 0)).segments > segments * 1.1)
      await new Promise((done) => setTimeout(done, 50));
  });
  // The browser's own database sorts its files for some seconds after so many deletions.
  await new Promise((done) => setTimeout(done, QUIET_MS));
  const searchMs: number[] = [];
  for (const probe of probes) {
    const started = performance.now();
    await galleries.search('default', { modelId: MODEL, probes: [probe], limit: 10, minCosine: -1 });
    searchMs.push(performance.now() - started);
  }
  end();
  return { deleted: rows / 2, deleteMs: deleting.ms, compactMs: compacting.ms, searchMs };
}

Object.assign(globalThis, { useStore, halveStore });
