/** Runs in the page: a very large gallery is enrolled in the real store, opened, and searched. */
import { syntheticFaces } from '../harness/synthetic-faces.ts';
import { largeProbes, moveAlong, VARIANT_ROWS } from '../harness/large-sets.ts';
import { enrol, MODEL, open, start } from '../harness/store-client.ts';

/** A gallery that was opened. */
export interface OpenedFigures {
  readonly faces: number;
  readonly openMs: number;
  /** Of the arrays and memories that searches use. */
  readonly memoryBytes: number;
  readonly threads: number;
  readonly searchMs: readonly number[];
  /** Share of probes whose person is the best found. */
  readonly right: number;
}

/** Enrols `rows` synthetic faces; answers the milliseconds that it took. */
export async function enrolLarge(rows: number, dimension: number): Promise<number> {
  const base = syntheticFaces(VARIANT_ROWS, dimension, 1);
  const vectors = new Float32Array(base.length);
  const { api, galleries, end } = start();
  await open(api);
  let ms = 0;
  for (let first = 0; first < rows; first += VARIANT_ROWS) {
    moveAlong(base, vectors, dimension, first / VARIANT_ROWS);
    const started = performance.now();
    await enrol(galleries, vectors, dimension, first);
    ms += performance.now() - started;
    console.log(`${first + VARIANT_ROWS} faces enrolled in ${Math.round(ms / 1000)} s`);
  }
  end();
  return ms;
}

/** Opens the gallery in a new worker and searches it. */
export async function openLarge(
  dimension: number,
  searches: number,
  threads: number,
): Promise<OpenedFigures> {
  const { api, galleries, end } = start();
  const opening = performance.now();
  const faces = await open(api, threads);
  const openMs = performance.now() - opening;
  const probes = largeProbes(dimension, searches);
  const searchMs: number[] = [];
  let right = 0;
  for (const [n, { probe, isRight }] of [...probes.slice(0, 3), ...probes].entries()) {
    const request = { modelId: MODEL, probes: [Float32Array.from(probe)], limit: 10, minCosine: -1 };
    const started = performance.now();
    const [hits] = await galleries.search('default', request);
    if (n < 3) continue;
    searchMs.push(performance.now() - started);
    // Numbers begin with 1, names with 0.
    if (isRight(Number(hits?.[0]?.record.id.slice(5)) + 1)) right++;
  }
  const { memoryBytes, searchThreads } = await galleries.stats('default', 0);
  end();
  return { faces, openMs, memoryBytes, threads: searchThreads, searchMs, right: right / probes.length };
}

Object.assign(globalThis, { enrolLarge, openLarge });
