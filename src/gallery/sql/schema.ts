/** The tables, in steps that are taken in their order, each once. A name that begins with @ is one of the database's schema. */
import { NearFaceError } from '../../core/errors.ts';
import { DEFAULT_GALLERY, newGallery } from '../stored.ts';
import type { SqlDriver, SqlSession } from './driver.ts';
import { NO_COUNTERS, writeCounters } from './counters.ts';
import { to4 } from './migrations/to-4.ts';

/** Statements, or what else is to be done in a step. */
type Step = readonly string[] | ((session: SqlSession, name: (text: string) => string) => Promise<void>);

/** The steps, whose numbers rise. */
const STEPS: readonly Step[] = [
  [
    'CREATE TABLE @meta (one boolean PRIMARY KEY DEFAULT true CHECK (one), revision bigint NOT NULL, counters text NOT NULL)',
    'CREATE TABLE @changes (revision bigint PRIMARY KEY, change text NOT NULL)',
    'CREATE TABLE @galleries (name text PRIMARY KEY, record text NOT NULL)',
    `CREATE TABLE @faces (seq bigint PRIMARY KEY, id text NOT NULL UNIQUE, model text NOT NULL, meta text NOT NULL, person text,
      camera text, photo text, time double precision NOT NULL, record text NOT NULL)`,
    'CREATE INDEX faces_photo ON @faces (photo) WHERE photo IS NOT NULL',
    'CREATE TABLE @face_galleries (gallery text, seq bigint, PRIMARY KEY (gallery, seq))',
    'CREATE INDEX face_galleries_seq ON @face_galleries (seq)',
    'CREATE TABLE @vectors (seq bigint PRIMARY KEY, vector bytea NOT NULL)',
    'ALTER TABLE @vectors ALTER COLUMN vector SET STORAGE EXTERNAL',
    'CREATE TABLE @pictures (seq bigint, kind text, type text NOT NULL, bytes bytea NOT NULL, PRIMARY KEY (seq, kind))',
    `CREATE TABLE @fresh (model text, seq bigint, vector bytea NOT NULL, reliability double precision,
      PRIMARY KEY (model, seq))`,
    'CREATE INDEX fresh_seq ON @fresh (seq)',
  ],
  [
    'CREATE TABLE @persons (number bigint PRIMARY KEY, id text NOT NULL UNIQUE, record text NOT NULL)',
    'CREATE TABLE @cameras (id text PRIMARY KEY, record text NOT NULL)',
    'CREATE TABLE @pairs (key text PRIMARY KEY, mark text NOT NULL, other_mark text NOT NULL, record text NOT NULL)',
    'CREATE INDEX pairs_mark ON @pairs (mark)',
    'CREATE INDEX pairs_other ON @pairs (other_mark)',
    'CREATE TABLE @steps (no bigint PRIMARY KEY, record text NOT NULL)',
    `CREATE TABLE @sightings (seq bigint PRIMARY KEY, id text NOT NULL UNIQUE, time double precision NOT NULL, person text,
      camera text, face text, record text NOT NULL)`,
    'CREATE INDEX sightings_time ON @sightings (time, seq)',
    'CREATE INDEX sightings_person ON @sightings (person, time, seq) WHERE person IS NOT NULL',
    'CREATE INDEX sightings_face ON @sightings (face) WHERE face IS NOT NULL',
    `CREATE TABLE @sighting_pictures (seq bigint, kind text, type text NOT NULL, bytes bytea NOT NULL,
      PRIMARY KEY (seq, kind))`,
  ],
  [
    'CREATE TABLE @jobs (id text PRIMARY KEY, record text NOT NULL)',
    `CREATE TABLE @items (job text, no bigint, status text NOT NULL, record text NOT NULL, photo bytea NOT NULL,
      PRIMARY KEY (job, no))`,
    'CREATE TABLE @item_faces (face text, job text, no bigint, PRIMARY KEY (job, no, face))',
    'CREATE INDEX item_faces_face ON @item_faces (face)',
    'CREATE TABLE @pieces (job text, source bigint, no bigint, bytes bytea NOT NULL, PRIMARY KEY (job, source, no))',
    'CREATE TABLE @checkpoints (job text PRIMARY KEY, bytes bytea NOT NULL)',
    `CREATE TABLE @appearances (job text, source bigint, track bigint, frame bigint NOT NULL, record text NOT NULL,
      thumbnail bytea, frames bytea NOT NULL, boxes bytea NOT NULL, PRIMARY KEY (job, source, track))`,
    'CREATE TABLE @appearance_faces (face text, job text, source bigint, track bigint, PRIMARY KEY (job, source, track, face))',
    'CREATE INDEX appearance_faces_face ON @appearance_faces (face)',
  ],
  to4,
];

/**
 * The step that a database has taken whose vectors are rotated, and no other one: by it versions from before that know that they cannot read
 * it. There is nothing to be done in it.
 */
const ROTATED_STEP = 5;

/** Notes that vectors are rotated, in the transaction that begins with it. */
export const NOTE_ROTATED: string = `INSERT INTO @migrations VALUES (${ROTATED_STEP}) ON CONFLICT DO NOTHING`;

/** All tables whose rows are somebody's data. */
export const DATA_TABLES: readonly string[] = [
  ...['galleries', 'faces', 'face_galleries', 'vectors', 'pictures', 'fresh'],
  ...['persons', 'cameras', 'pairs', 'steps', 'sightings', 'sighting_pictures'],
  ...['jobs', 'items', 'item_faces', 'pieces', 'checkpoints', 'appearances', 'appearance_faces'],
];

/** Statements with the schema's name in the place of each @. */
export function inSchema(schema: string): (text: string) => string {
  const known = new Map<string, string>();
  const quoted = `"${schema.replaceAll('"', '""')}"`;
  return (text) => {
    let named = known.get(text);
    if (named === undefined) known.set(text, (named = text.replace(/@(?=[a-z])/g, `${quoted}.`)));
    return named;
  };
}

/** Makes the tables, or takes the steps that are not taken yet. Several processes may call it at once. */
export async function migrate(driver: SqlDriver, schema: string): Promise<void> {
  const name = inSchema(schema);
  await driver.transaction('write', async (session) => {
    await session.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`nearface migrates ${schema}`]);
    await session.query(`CREATE SCHEMA IF NOT EXISTS "${schema.replaceAll('"', '""')}"`);
    await session.query(name('CREATE TABLE IF NOT EXISTS @migrations (step integer PRIMARY KEY)'));
    const rows = await session.query(name('SELECT step FROM @migrations'));
    const taken = rows.map(({ step }) => Number(step));
    if (taken.some((step) => step > ROTATED_STEP)) throw madeByLater(driver.name);
    const done = Math.max(0, ...taken.filter((step) => step <= STEPS.length));
    for (const [i, step] of STEPS.entries()) {
      if (i < done) continue;
      if (typeof step === 'function') await step(session, name);
      else for (const statement of step) await session.query(name(statement));
      await session.query(name('INSERT INTO @migrations VALUES ($1)'), [i + 1]);
    }
    if (done === 0) await begin(session, name);
  });
}

function madeByLater(database: string): NearFaceError {
  return new NearFaceError(
    'STORAGE_FAILED',
    `The database ${database} was brought up to its present form by a later version of nearface; use that version, or restore a backup`,
    { database },
  );
}

async function begin(session: SqlSession, name: (text: string) => string): Promise<void> {
  await session.query(name('INSERT INTO @meta (revision, counters) VALUES (0, $1)'), [
    writeCounters(NO_COUNTERS),
  ]);
  const gallery = newGallery(DEFAULT_GALLERY, null);
  await session.query(name('INSERT INTO @galleries VALUES ($1, $2)'), [
    DEFAULT_GALLERY,
    JSON.stringify(gallery),
  ]);
}
