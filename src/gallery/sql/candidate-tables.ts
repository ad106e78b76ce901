/**
 * The vectors in half precision beside the exact ones, a row for each gallery that a face is in, and pgvector's index over them.
 * Triggers keep them in step, whichever process writes.
 */
import { NearFaceError } from '../../core/errors.ts';
import { vectorOf } from './columns.ts';
import { halfBytes, vectorText } from './half-vectors.ts';
import type { SqlTx } from './sql-tx.ts';

/** Galleries are parted by their names' hashes: a search of one reads the index of one part. */
const PARTS = 8;

/** Vectors that are read at a time. */
const PAGE = 2000;

/** The first version that goes on until there are enough hits that pass, and the first whose parallel builds are safe. */
const ITERATIVE = [0, 8, 0];
const PARALLEL = [0, 8, 2];

const TABLES: readonly string[] = [
  'ALTER TABLE @vectors ADD COLUMN IF NOT EXISTS half halfvec',
  `CREATE TABLE @candidates (gallery text, seq bigint, half halfvec NOT NULL, PRIMARY KEY (gallery, seq))
   PARTITION BY HASH (gallery)`,
  ...Array.from(
    { length: PARTS },
    (_, i) =>
      `CREATE TABLE @candidates_${i} PARTITION OF @candidates FOR VALUES WITH (MODULUS ${PARTS}, REMAINDER ${i})`,
  ),
];

/** A function that is called once for each statement that changes a table. */
function trigger(table: string, name: string, event: string, tables: string, statement: string): string[] {
  return [
    `CREATE FUNCTION @candidates_${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${statement}; RETURN NULL; END $$`,
    `CREATE TRIGGER candidates_${name} AFTER ${event} ON @${table} REFERENCING ${tables}
     FOR EACH STATEMENT EXECUTE FUNCTION @candidates_${name}()`,
  ];
}

const ENTER = 'INSERT INTO @candidates (gallery, seq, half)';
const TRIGGERS: readonly string[] = [
  ...trigger(
    'face_galleries',
    'join',
    'INSERT',
    'NEW TABLE AS fresh',
    `${ENTER} SELECT n.gallery, n.seq, v.half FROM fresh n JOIN @vectors v USING (seq) WHERE v.half IS NOT NULL
     ON CONFLICT DO NOTHING`,
  ),
  ...trigger(
    'face_galleries',
    'leave',
    'DELETE',
    'OLD TABLE AS gone',
    'DELETE FROM @candidates c USING gone o WHERE c.gallery = o.gallery AND c.seq = o.seq',
  ),
  ...trigger(
    'vectors',
    'come',
    'INSERT',
    'NEW TABLE AS fresh',
    `${ENTER} SELECT g.gallery, n.seq, n.half FROM fresh n JOIN @face_galleries g USING (seq) WHERE n.half IS NOT NULL
     ON CONFLICT (gallery, seq) DO UPDATE SET half = excluded.half`,
  ),
  ...trigger(
    'vectors',
    'change',
    'UPDATE',
    'OLD TABLE AS gone NEW TABLE AS fresh',
    `${ENTER} SELECT g.gallery, n.seq, n.half FROM fresh n JOIN gone o USING (seq) JOIN @face_galleries g USING (seq)
     WHERE n.half IS DISTINCT FROM o.half AND n.half IS NOT NULL
     ON CONFLICT (gallery, seq) DO UPDATE SET half = excluded.half`,
  ),
  ...trigger(
    'vectors',
    'go',
    'DELETE',
    'OLD TABLE AS gone',
    // Those of faces that have left their galleries are gone with that; a search by number alone would read all.
    'DELETE FROM @candidates c USING gone o JOIN @face_galleries g USING (seq) WHERE c.gallery = g.gallery AND c.seq = o.seq',
  ),
];

/**
 * From so many faces on their vectors are in an index. Below, all of them are looked at as fast, and new ones are enrolled a hundred times faster:
 * with each of them an index of pgvector reads some thousand pages again.
 */
export const INDEXED_FACES = 10_000;

/**
 * Sees that there are candidates, and indexes. The first time all vectors are written once more.
 *
 * @param least - as {@link INDEXED_FACES}
 * @throws NearFaceError `BACKEND_UNAVAILABLE` where there is no pgvector of version 0.8.0 or later
 */
export async function ensureCandidates(tx: SqlTx, database: string, least?: number): Promise<void> {
  await requireExtension(tx, database);
  if (!tx.counters.candidates) {
    for (const statement of TABLES) await tx.ask(statement);
    await fillHalves(tx);
    await tx.ask(
      `${ENTER} SELECT g.gallery, g.seq, v.half FROM @face_galleries g JOIN @vectors v USING (seq) WHERE v.half IS NOT NULL`,
    );
    for (const statement of TRIGGERS) await tx.ask(statement);
    tx.counters = { ...tx.counters, candidates: { dimensions: [] } };
  }
  await ensureIndexes(tx, least);
}

/** Sees that there is an index for the vectors of each model that has many; nothing happens where the database has no candidates. */
export async function ensureIndexes(tx: SqlTx, least: number = INDEXED_FACES): Promise<void> {
  for (const { dimension, faces } of tx.counters.models.values())
    if (faces >= least) await ensureIndex(tx, dimension);
}

async function ensureIndex(tx: SqlTx, dimension: number): Promise<void> {
  const { candidates } = tx.counters;
  if (!candidates || candidates.dimensions.includes(dimension)) return;
  // More numbers pgvector does not index; every face is looked at then.
  if (dimension <= MAX_INDEXED) {
    const [row] = await tx.ask("SELECT extversion AS version FROM pg_extension WHERE extname = 'vector'");
    if (isBefore(row?.version, PARALLEL)) await tx.ask('SET LOCAL max_parallel_maintenance_workers = 0');
    await tx.ask(
      `CREATE INDEX candidates_near_${dimension} ON @candidates USING hnsw ((half::halfvec(${dimension})) halfvec_ip_ops)
       WITH (m = 16, ef_construction = 100) WHERE vector_dims(half) = ${dimension}`,
    );
  }
  tx.counters = {
    ...tx.counters,
    candidates: { dimensions: [...candidates.dimensions, dimension] },
  };
}

const MAX_INDEXED = 4000;

/** Writes the halves of vectors that are there already, where the database has candidates. */
export async function writeHalves(
  tx: SqlTx,
  faces: readonly { readonly face: { readonly seq: number }; readonly vector: Float32Array }[],
): Promise<void> {
  if (!tx.counters.candidates) return;
  const rows = faces.map(({ face, vector }) => ({ seq: face.seq, half: vectorText(vector) }));
  await tx.ask(
    `UPDATE @vectors v SET half = t.half::halfvec FROM json_to_recordset($1::json) AS t(seq bigint, half text)
     WHERE v.seq = t.seq`,
    [JSON.stringify(rows)],
  );
}

async function requireExtension(tx: SqlTx, database: string): Promise<void> {
  const [row] = await tx.ask(
    `SELECT coalesce(installed_version, default_version) AS version, installed_version IS NOT NULL AS there
     FROM pg_available_extensions WHERE name = 'vector'`,
  );
  if (!row || isBefore(row.version, ITERATIVE)) throw noPgvector(database, row?.version);
  if (row.there !== true) await tx.ask('CREATE EXTENSION IF NOT EXISTS vector');
}

function noPgvector(database: string, version: unknown): NearFaceError {
  const there = typeof version === 'string' ? `has ${version}` : 'has none';
  return new NearFaceError(
    'BACKEND_UNAVAILABLE',
    `searchMemoryMB needs pgvector 0.8.0 or later in the PostgreSQL server, and ${database} ${there}; install it (Debian: postgresql-17-pgvector), or leave searchMemoryMB out, so that all vectors are in memory`,
    { database },
  );
}

function isBefore(version: unknown, first: readonly number[]): boolean {
  const parts = String(version).split('.').map(Number);
  for (const [i, least] of first.entries()) if ((parts[i] ?? 0) !== least) return !((parts[i] ?? 0) > least);
  return false;
}

async function fillHalves(tx: SqlTx): Promise<void> {
  for (let after = 0; ;) {
    const rows = await tx.ask(
      'SELECT seq, vector FROM @vectors WHERE seq > $1 AND half IS NULL ORDER BY seq LIMIT $2',
      [after, PAGE],
    );
    await fillPage(
      tx,
      // One whose bytes are cut is damaged, and nobody finds it.
      rows
        .filter(({ vector }) => isWhole(tx, vector))
        .map(({ seq, vector }) => ({ seq: Number(seq), vector: vectorOf(vector) })),
    );
    if (rows.length < PAGE) return;
    after = Number(rows.at(-1)?.seq);
  }
}

function isWhole({ counters }: SqlTx, vector: unknown): boolean {
  if (!(vector instanceof Uint8Array) || vector.length % 4 > 0) return false;
  if (![...counters.models.values()].some(({ dimension }) => vector.length === 4 * dimension)) return false;
  return vectorOf(vector).every((x) => Math.abs(x) <= 2);
}

async function fillPage(
  tx: SqlTx,
  faces: readonly { readonly seq: number; readonly vector: Float32Array }[],
): Promise<void> {
  if (faces.length === 0) return;
  if (!tx.load) throw new Error("vectors in half precision are PostgreSQL's");
  await tx.ask('CREATE TEMP TABLE IF NOT EXISTS nearface_halves (seq bigint, half halfvec) ON COMMIT DROP');
  await tx.load(
    'pg_temp.nearface_halves (seq, half)',
    ['bigint', 'bytea'],
    faces.map(({ seq, vector }) => [seq, halfBytes(vector)]),
  );
  await tx.ask('UPDATE @vectors v SET half = t.half FROM pg_temp.nearface_halves t WHERE v.seq = t.seq');
  await tx.ask('TRUNCATE pg_temp.nearface_halves');
}
