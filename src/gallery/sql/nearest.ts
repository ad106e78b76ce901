/** Candidates of a search, which pgvector finds. */
import { rotated } from '../../core/secret-rotation.ts';
import type { Match } from '../../search/top-k.ts';
import type { NearestQuery } from '../port.ts';
import type { SqlValue } from './driver.ts';
import { vectorText } from './half-vectors.ts';
import { conditionsOf } from './queries.ts';
import type { SqlReading } from './sql-tx.ts';

/**
 * How many faces are kept in view while some are looked for: at least so many, and one in so many of the model's, since a graph of more
 * is missed more often.
 */
const [LEAST_VIEW, FACES_IN_VIEW] = [200, 200];

/** What pgvector keeps in view of itself at most; for more, it goes on from what it has left aside. */
const MOST_AT_ONCE = 1000;

/** The index gives up after so many faces of which too few pass; then all are looked at. */
const MOST_FACES = 100_000;

/** The nearest faces of each probe, by falling cosine of half precision. */
export async function nearest(tx: SqlReading, query: NearestQuery): Promise<readonly (readonly Match[])[]> {
  const faces = tx.counters.models.get(query.modelId)?.faces ?? 0;
  const view = Math.max(LEAST_VIEW, 4 * query.limit, Math.ceil(faces / FACES_IN_VIEW));
  if (query.exact) {
    await tx.ask('SET LOCAL enable_indexscan = off');
    await tx.ask('SET LOCAL enable_bitmapscan = on');
  } else {
    await tx.ask("SET LOCAL hnsw.iterative_scan = 'relaxed_order'");
    await tx.ask(`SET LOCAL hnsw.max_scan_tuples = ${MOST_FACES}`);
    // So many times work_mem, which is 4 MB unless somebody has changed it: what was left aside has to be remembered.
    await tx.ask('SET LOCAL hnsw.scan_mem_multiplier = 8');
    await tx.ask(`SET LOCAL hnsw.ef_search = ${Math.min(MOST_AT_ONCE, view)}`);
  }
  const probes = query.probes.map((probe) => rotated(tx.rotations, query.modelId, probe));
  const best = probes.map(() => new Map<number, number>());
  for (let from = 0; from < best.length; from += PROBES) {
    const some = probes.slice(from, from + PROBES);
    for (const gallery of query.galleries)
      for (const { probe, seq, score } of await nearestIn(tx, gallery, query, some, view))
        (best[from + probe] as Map<number, number>).set(seq, score);
  }
  return best.map((of) => {
    const all = Array.from(of, ([seq, score]) => ({ seq, score }));
    return all.sort((a, b) => b.score - a.score || a.seq - b.seq).slice(0, query.limit);
  });
}

/** Probes that are looked for by one statement. */
const PROBES = 64;

async function nearestIn(
  tx: SqlReading,
  gallery: string,
  query: NearestQuery,
  probes: readonly Float32Array[],
  view: number,
): Promise<readonly (Match & { readonly probe: number })[]> {
  const [dimension] = probes.map(({ length }) => length);
  const half = `halfvec(${dimension})`;
  const { where, values } = conditionsOf(query, [gallery, JSON.stringify(probes.map(vectorText))]);
  const isFiltered = where !== '';
  // Of filtered faces only those that are wanted are gathered: a view of them may be all that there are.
  const gathered = isFiltered || query.exact ? query.limit : Math.max(query.limit, view);
  const all: readonly SqlValue[] = [...values, gathered, query.limit];
  // Each probe is read once, not once for each face that it is compared with.
  const rows = await tx.ask(
    `WITH p AS MATERIALIZED (SELECT no, text::${half} AS half
       FROM json_array_elements_text($2::json) WITH ORDINALITY AS given(text, no))
     SELECT p.no, n.seq, n.score FROM p CROSS JOIN LATERAL (
       SELECT g.seq, g.score FROM (
         SELECT c.seq, -(c.half::${half} <#> p.half) AS score FROM @candidates c
         ${isFiltered ? 'JOIN @faces f USING (seq)' : ''} WHERE c.gallery = $1 AND vector_dims(c.half) = ${dimension}${where}
         ORDER BY c.half::${half} <#> p.half LIMIT $${all.length - 1}) g
       ORDER BY g.score DESC LIMIT $${all.length}) n`,
    all,
  );
  return rows.map(({ no, seq, score }) => ({
    probe: Number(no) - 1,
    seq: Number(seq),
    score: Number(score),
  }));
}
