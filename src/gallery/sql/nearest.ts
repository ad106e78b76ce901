/** Candidates of a search, which pgvector finds. */
import type { Match } from '../../search/top-k.ts';
import type { NearestQuery } from '../port.ts';
import type { SqlValue } from './driver.ts';
import { vectorText } from './half-vectors.ts';
import { conditionsOf } from './queries.ts';
import type { SqlReading } from './sql-tx.ts';

/** How many faces the index keeps in view while it looks for some, at least and at most (pgvector's own bound). */
const [LEAST_VIEW, MOST_VIEW] = [200, 1000];

/** The index gives up after so many faces of which too few pass; then all are looked at. */
const MOST_FACES = 100_000;

/** The nearest faces of each probe, by falling cosine of half precision. */
export async function nearest(tx: SqlReading, query: NearestQuery): Promise<readonly (readonly Match[])[]> {
  if (query.exact) {
    await tx.ask('SET LOCAL enable_indexscan = off');
    await tx.ask('SET LOCAL enable_bitmapscan = on');
  } else {
    await tx.ask("SET LOCAL hnsw.iterative_scan = 'strict_order'");
    await tx.ask(`SET LOCAL hnsw.max_scan_tuples = ${MOST_FACES}`);
    await tx.ask(`SET LOCAL hnsw.ef_search = ${Math.max(LEAST_VIEW, Math.min(MOST_VIEW, 4 * query.limit))}`);
  }
  const found: (readonly Match[])[] = [];
  for (const probe of query.probes) {
    const best = new Map<number, number>();
    for (const gallery of query.galleries)
      for (const { seq, score } of await nearestIn(tx, gallery, query, probe)) best.set(seq, score);
    const all = Array.from(best, ([seq, score]) => ({ seq, score }));
    found.push(all.sort((a, b) => b.score - a.score || a.seq - b.seq).slice(0, query.limit));
  }
  return found;
}

async function nearestIn(
  tx: SqlReading,
  gallery: string,
  query: NearestQuery,
  probe: Float32Array,
): Promise<readonly Match[]> {
  const half = `halfvec(${probe.length})`;
  const { where, values } = conditionsOf(query, [gallery, vectorText(probe)]);
  const isFiltered = where !== '';
  const all: readonly SqlValue[] = [...values, query.limit];
  const rows = await tx.ask(
    `SELECT c.seq, -(c.half::${half} <#> $2::${half}) AS score FROM @candidates c
     ${isFiltered ? 'JOIN @faces f USING (seq)' : ''} WHERE c.gallery = $1 AND vector_dims(c.half) = ${probe.length}${where}
     ORDER BY c.half::${half} <#> $2::${half} LIMIT $${all.length}`,
    all,
  );
  return rows.map(({ seq, score }) => ({ seq: Number(seq), score: Number(score) }));
}
