/** Runs in the page: 100,000 faces in the real store behind a worker; how long it takes, and what the page feels. */
import { proxy, type Remote, wrap } from 'comlink';
import type { GalleryApi, NewFace, WireResult } from '../../../src/worker/contract.ts';
import { syntheticFaces, syntheticProbes } from './faces.ts';

const DATABASE = 'bench-search';
const MODEL = 'bench';
const BATCH = 2000;
const PER_PERSON = 5;

export interface OpenFigures {
  readonly faces: number;
  /** Longest time between two turns of the page's event loop in two seconds when nothing is asked. */
  readonly idleStallMs: number;
  readonly openMs: number;
  /** Longest time between two turns of the page's event loop while the gallery opened. */
  readonly openStallMs: number;
  readonly searchMs: readonly number[];
  readonly searchStallMs: number;
  /** Several probes in one call, per probe. */
  readonly batchSearchMs: number;
  readonly metasMs: number;
  readonly pageMs: number;
  readonly addMs: readonly number[];
  readonly right: number;
}

function start(): { api: Remote<GalleryApi>; end(): void } {
  const worker = new Worker('/store-worker.js', { type: 'module' });
  return { api: wrap<GalleryApi>(worker), end: () => worker.terminate() };
}

function value<T>(result: WireResult<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}

const open = async (api: Remote<GalleryApi>): Promise<number> =>
  value(
    await api.open(
      1,
      { assets: `${location.origin}/`, database: DATABASE },
      proxy(() => undefined),
    ),
  ).faces;

/** Enrols the synthetic faces; returns the milliseconds it took. */
export async function fillStore(rows: number, dimension: number): Promise<number> {
  const vectors = syntheticFaces(rows, dimension, 1);
  const { api, end } = start();
  const started = performance.now();
  await open(api);
  for (let from = 0; from < rows; from += BATCH) {
    const faces: NewFace[] = Array.from({ length: Math.min(BATCH, rows - from) }, (_, i) => ({
      id: `face-${from + i}`,
      meta: `person ${Math.floor((from + i) / PER_PERSON)}`,
      galleries: ['default'],
      modelId: MODEL,
      vector: vectors.slice((from + i) * dimension, (from + i + 1) * dimension),
      pictures: {},
    }));
    value(await api.addFaces(2, faces));
  }
  const ms = performance.now() - started;
  end();
  return ms;
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

/** Opens the filled store in a new worker, and uses it. */
export async function openStore(rows: number, dimension: number, searches: number): Promise<OpenFigures> {
  const vectors = syntheticFaces(rows, dimension, 1);
  const probes = syntheticProbes(vectors, dimension, searches, 2);
  const { api, end } = start();
  const idle = await watched(() => new Promise((done) => setTimeout(done, 2000)));
  const opened = await watched(() => open(api));
  const searchMs: number[] = [];
  let right = 0;
  const ask = async (some: readonly Float32Array<ArrayBuffer>[]): Promise<string[]> => {
    const request = { modelId: MODEL, probes: some, limit: 5, minCosine: -1 };
    return value(await api.search(3, 'default', request)).map(([hit]) => hit?.record.meta ?? '');
  };
  const searched = await watched(async () => {
    for (const [n, probe] of probes.entries()) {
      const started = performance.now();
      const [meta] = await ask([probe]);
      searchMs.push(performance.now() - started);
      const person = Math.floor(Math.floor(((n + 0.5) / probes.length) * rows) / PER_PERSON);
      if (meta === `person ${person}`) right++;
    }
  });
  const batch = await watched(() => ask(probes.slice(0, 8)));
  const metas = await watched(async () => value(await api.metas('default')));
  const page = await watched(async () => value(await api.listFaces('default', { limit: 100 })));
  const addMs: number[] = [];
  for (let i = 0; i < 10; i++) {
    const vector = probes[i] as Float32Array<ArrayBuffer>;
    const face: NewFace = { meta: 'new', galleries: ['default'], modelId: MODEL, vector, pictures: {} };
    const { ms, result } = await watched(async () => value(await api.addFaces(4, [face])));
    addMs.push(ms);
    value(
      await api.deleteFaces(
        'default',
        result.map(({ id }) => id),
      ),
    );
  }
  end();
  return {
    faces: opened.result,
    idleStallMs: idle.stallMs,
    openMs: opened.ms,
    openStallMs: opened.stallMs,
    searchMs,
    searchStallMs: searched.stallMs,
    batchSearchMs: batch.ms / 8,
    metasMs: metas.ms,
    pageMs: page.ms,
    addMs,
    right: right / probes.length,
  };
}

Object.assign(globalThis, { fillStore, openStore });
