/** Runs in the page: the real store behind a worker. */
import { proxy, type Remote, transfer, wrap } from 'comlink';
import type { FaceInput, GalleryApi, GalleryCalls } from '../../src/worker/contract.ts';
import { callsOf, value } from '../../tools/gallery-calls.ts';

export const DATABASE = 'bench-search';

/** The model of all embeddings. */
export const MODEL = 'bench';

/** Faces of a call, and of a person. */
export const [BATCH, PER_PERSON]: readonly [number, number] = [2000, 5];

/** The gallery worker. */
export function start(): { api: Remote<GalleryApi>; galleries: GalleryCalls; end(): void } {
  const worker = new Worker('/store-worker.js', { type: 'module' });
  const api = wrap<GalleryApi>(worker);
  return { api, galleries: callsOf(api), end: () => worker.terminate() };
}

/** Opens the benchmark's database; answers the number of faces. @param threads - of a search */
export const open = async (api: Remote<GalleryApi>, threads = 1): Promise<number> =>
  value(
    await api.open(
      1,
      { assets: `${location.origin}/`, database: DATABASE, storage: 'required', threads },
      proxy(() => undefined),
    ),
  ).faces;

/** Enrols vectors, row by row, two calls at a time: one is written while the other is on its way. Names begin at `first`. */
export async function enrol(
  galleries: GalleryCalls,
  vectors: Float32Array,
  dimension: number,
  first = 0,
): Promise<void> {
  const rows = vectors.length / dimension;
  const pending: Promise<unknown>[] = [];
  for (let from = 0; from < rows; from += BATCH) {
    const faces: FaceInput[] = Array.from({ length: Math.min(BATCH, rows - from) }, (_, i) => ({
      id: `face-${first + from + i}`,
      meta: `person ${Math.floor((first + from + i) / PER_PERSON)}`,
      galleries: ['default'],
      modelId: MODEL,
      vector: vectors.slice((from + i) * dimension, (from + i + 1) * dimension),
      pictures: {},
    }));
    const moved = faces.map(({ vector }) => vector.buffer);
    pending.push(galleries.addFaces(transfer(faces, moved)));
    if (pending.length > 1) await pending.shift();
  }
  await Promise.all(pending);
}
