/** Searches whose candidates pgvector finds, beside those of memory. */
import { readFile } from 'node:fs/promises';
import { syntheticFaces, syntheticProbes } from '../harness/synthetic-faces.ts';
import { GalleryEngine } from '../../src/gallery/gallery-engine.ts';
import { inSql } from '../../src/gallery/sql/sql-database.ts';
import { postgresAt } from '../../src/platform/node/postgres.ts';
import { compileKernel } from '../../src/search/kernel/kernel.ts';

const [MODEL, DIMENSION] = ['synthetic', 192];
/** Embeddings that are made at a time, and faces that are stored at a time. */
const [SLICE, BATCH] = [20_000, 2000];

/** What was measured; times are in seconds, those of searches in milliseconds. */
export interface Measured {
  readonly faces: number;
  readonly probes: number;
  readonly indexed: number;
  readonly opened: number;
  readonly recallAt1: number;
  /** Of the exact ten best of each probe. */
  readonly recallAt10: number;
  readonly searchMs: number;
  readonly memoryMs: number;
  /** Bytes of memory a face, without its vector. */
  readonly bytesPerFace: number;
  /** Bytes a face of the index, and of the vectors in half precision beside it. */
  readonly indexBytes: number;
  readonly tableBytes: number;
  /** Faces that are enrolled a second where there is an index, many at a time. */
  readonly enrolled: number;
}

/** Enrols faces, lets pgvector index them, and searches for further photos of some of them in both ways. */
export async function measure(url: string, faces: number, probes: number): Promise<Measured> {
  const kernel = await compileKernel(
    await readFile(new URL('../../src/search/kernel/search-simd.wasm', import.meta.url)),
  );
  const schema = 'measured';
  const start = (candidates: boolean): Promise<GalleryEngine> => {
    const open = inSql({ open: postgresAt(url), schema, candidates });
    return GalleryEngine.open(open, { kernel, ...(candidates && { searchBytes: 0 }) });
  };
  const memory = await start(false);
  const wanted: Float32Array<ArrayBuffer>[] = [];
  for (let from = 0; from < faces; from += SLICE) {
    const count = Math.min(SLICE, faces - from);
    const vectors = syntheticFaces(count, DIMENSION, 1 + from);
    await enrol(memory, vectors, from);
    const share = Math.max(1, Math.round((probes * count) / faces));
    wanted.push(...syntheticProbes(vectors, DIMENSION, share, 7 + from));
  }
  const [engine, indexed] = await timed(() => start(true));
  engine.close();
  const [again, opened] = await timed(() => start(true));
  const [found, search] = await timed(() => searchAll(again, wanted, false));
  const [, scan] = await timed(() => searchAll(memory, wanted, false));
  const exact = await searchAll(memory, wanted, true);
  const { memoryBytes } = await again.stats('default');
  const hit = exact.filter((ids, i) => found[i]?.[0] === ids[0]).length;
  const hits = exact.map((ids, i) => ids.filter((id) => found[i]?.includes(id)).length / ids.length);
  const sizes = await sizesOf(url);
  const more = syntheticFaces(BATCH, DIMENSION, 3);
  const [, spent] = await timed(() => enrol(again, more, faces));
  memory.close();
  again.close();
  return {
    ...{ faces, probes: wanted.length, indexed, opened },
    recallAt1: hit / wanted.length,
    recallAt10: hits.reduce((sum, share) => sum + share, 0) / wanted.length,
    searchMs: (1000 * search) / wanted.length,
    memoryMs: (1000 * scan) / wanted.length,
    bytesPerFace: memoryBytes / faces,
    indexBytes: sizes.index / faces,
    tableBytes: sizes.rows / faces,
    enrolled: BATCH / spent,
  };
}

async function sizesOf(url: string): Promise<{ readonly index: number; readonly rows: number }> {
  const driver = await postgresAt(url)();
  const [row] = await driver.query(
    `SELECT sum(pg_relation_size(oid)) FILTER (WHERE relkind = 'i' AND relname LIKE '%half%') AS index,
     sum(pg_relation_size(oid)) FILTER (WHERE relkind = 'r') AS rows FROM pg_class
     WHERE relnamespace = 'measured'::regnamespace AND relname LIKE 'candidates_%'`,
  );
  await driver.close();
  return { index: Number(row?.index), rows: Number(row?.rows) };
}

async function enrol(engine: GalleryEngine, vectors: Float32Array<ArrayBuffer>, from: number): Promise<void> {
  const count = vectors.length / DIMENSION;
  for (let first = 0; first < count; first += BATCH)
    await engine.addFaces(
      Array.from({ length: Math.min(BATCH, count - first) }, (_, i) => ({
        meta: `Person ${Math.floor((from + first + i) / 5)}`,
        galleries: ['default'],
        modelId: MODEL,
        vector: vectors.slice((first + i) * DIMENSION, (first + i + 1) * DIMENSION),
        pictures: {},
      })),
    );
}

async function searchAll(
  engine: GalleryEngine,
  probes: readonly Float32Array[],
  exact: boolean,
): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  for (const probe of probes) {
    const request = { modelId: MODEL, probes: [probe], limit: 10, minCosine: -1, exact };
    const [hits] = await engine.search('default', request);
    found.push((hits ?? []).map(({ record }) => record.id));
  }
  return found;
}

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now();
  const value = await work();
  return [value, (performance.now() - started) / 1000];
}
