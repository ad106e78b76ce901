/** Faces in their tables, with what they are found by and how they are counted. */
import { rotatedAs, type SecretRotation } from '../../core/secret-rotation.ts';
import type { PreparedFace } from '../face-input.ts';
import { damagedEmbedding } from '../gallery-errors.ts';
import { groupBy } from '../group-by.ts';
import { addBytes, bytesOf, type FaceBytes, type StoredFace } from '../stored.ts';
import { writeHalves } from './candidate-tables.ts';
import { columnBytes, columnText, columnTextOrNull, numbersParam, NUMBERS, packed } from './columns.ts';
import type { SqlValue } from './driver.ts';
import { besideVector, type BesideVector, FACTS_BYTES } from './face-facts.ts';
import { halfBytes } from './half-vectors.ts';
import { insertPictures } from './pictures.ts';
import type { SqlReading, SqlTx } from './sql-tx.ts';
import { dimensionOf, wholeFaces, wholeVector } from './whole-rows.ts';

/** A face with all that belongs to it. */
export interface WholeSqlFace {
  readonly face: StoredFace;
  /** The face as JSON. */
  readonly text: string;
  readonly vector: Float32Array<ArrayBuffer>;
  readonly beside: BesideVector;
  readonly pictures: PreparedFace['pictures'];
}

/** Rows that are written at a time. */
const ROWS = 2000;

/**
 * Keeps new faces.
 *
 * @param bytes - what they take up together
 * @param isSeen - whether they are in their galleries already
 */
export async function insertFaces(
  tx: SqlTx,
  faces: readonly WholeSqlFace[],
  bytes: FaceBytes,
  isSeen: boolean,
): Promise<void> {
  for (let from = 0; from < faces.length; from += ROWS) {
    const some = faces.slice(from, from + ROWS);
    if (some.length >= LOADED && tx.load)
      await loadFaces(tx.load, some, isSeen, tx.counters.candidates !== undefined);
    else {
      const records = some.map(({ face }) => face);
      await tx.ask(`INSERT INTO @faces ${RECORDS}`, [recordsParam(records)]);
      if (isSeen) await enter(tx, records);
      await insertVectors(tx, some);
    }
    await insertPictures(
      tx,
      'pictures',
      some.map(({ face, pictures }) => ({ seq: face.seq, pictures })),
    );
  }
  for (const [modelId, some] of groupBy(faces, ({ face }) => face.modelId))
    countFaces(tx, modelId, some[0].vector.length, some.length);
  tx.counters = { ...tx.counters, bytes: addBytes(tx.counters.bytes, bytes) };
}

/** So many rows go by COPY, where there is such a way. */
const LOADED = 20;

async function loadFaces(
  load: NonNullable<SqlReading['load']>,
  faces: readonly WholeSqlFace[],
  isSeen: boolean,
  hasHalves: boolean,
): Promise<void> {
  await load(
    '@faces (seq, id, model, meta, person, camera, photo, time, record)',
    ['bigint', 'text', 'text', 'text', 'text', 'text', 'text', 'double precision', 'text'],
    recordRows(faces),
  );
  if (isSeen) await load('@face_galleries (gallery, seq)', ['text', 'bigint'], placeRows(faces));
  // The bytes of a half vector are those of its type in binary.
  const half = hasHalves ? (['half'] as const) : [];
  await load(
    `@vectors (${['seq', 'vector', 'model', 'galleries', 'facts', ...half].join(', ')})`,
    ['bigint', 'bytea', 'text', 'text', 'bytea', ...half.map(() => 'bytea' as const)],
    vectorRows(faces, hasHalves),
  );
}

function* recordRows(faces: readonly WholeSqlFace[]): Iterable<readonly SqlValue[]> {
  for (const { face, text, beside } of faces) {
    const [person, camera] = [columnTextOrNull(face.personId), columnTextOrNull(face.cameraId)];
    const photo = columnTextOrNull(face.photoHash);
    const [id, meta] = [columnText(face.id), columnText(face.meta)];
    yield [face.seq, id, beside.model, meta, person, camera, photo, face.timestamp, text];
  }
}

function* placeRows(faces: readonly WholeSqlFace[]): Iterable<readonly SqlValue[]> {
  for (const { face } of faces) for (const name of new Set(face.galleries)) yield [name, face.seq];
}

function* vectorRows(faces: readonly WholeSqlFace[], hasHalves: boolean): Iterable<readonly SqlValue[]> {
  for (const { face, vector, beside } of faces) {
    const row = [face.seq, columnBytes(vector), beside.model, beside.galleries, beside.facts];
    if (hasHalves) row.push(halfBytes(vector));
    yield row;
  }
}

const RECORDS =
  'SELECT seq, id, model, meta, person, camera, photo, time, record FROM json_to_recordset($1::json) AS ' +
  't(seq bigint, id text, model text, meta text, person text, camera text, photo text, time double precision, record text)';

function recordsParam(faces: readonly StoredFace[]): string {
  return JSON.stringify(
    faces.map((face) => ({
      seq: face.seq,
      id: columnText(face.id),
      model: columnText(face.modelId),
      meta: columnText(face.meta),
      person: columnTextOrNull(face.personId),
      camera: columnTextOrNull(face.cameraId),
      photo: columnTextOrNull(face.photoHash),
      time: face.timestamp,
      record: JSON.stringify(face),
    })),
  );
}

/** Puts faces into their galleries. */
async function enter(tx: SqlTx, faces: readonly StoredFace[]): Promise<void> {
  const places = faces.flatMap(({ seq, galleries }) => galleries.map((gallery) => ({ gallery, seq })));
  await tx.ask(
    'INSERT INTO @face_galleries SELECT gallery, seq FROM json_to_recordset($1::json) AS t(gallery text, seq bigint) ON CONFLICT DO NOTHING',
    [JSON.stringify(places)],
  );
}

async function insertVectors(
  tx: SqlTx,
  faces: readonly Pick<WholeSqlFace, 'face' | 'vector'>[],
): Promise<void> {
  const { bytes, places } = packed(faces.map(({ vector }) => columnBytes(vector)));
  const beside = besideParams(faces.map(({ face }) => face));
  const rows = beside.rows.map((row, i) => ({ ...row, ...places[i] }));
  await tx.ask(
    `INSERT INTO @vectors (seq, vector, model, galleries, facts)
     SELECT seq, substr($2::bytea, at, length), model, galleries, substr($3::bytea, facts, ${FACTS_BYTES})
     FROM json_to_recordset($1::json) AS t(seq bigint, at integer, length integer, model text, galleries text, facts integer)
     ON CONFLICT (seq) DO UPDATE SET vector = excluded.vector, model = excluded.model, galleries = excluded.galleries,
     facts = excluded.facts`,
    [JSON.stringify(rows), bytes, beside.facts],
  );
  await writeHalves(tx, faces);
}

/** Writes what lies beside vectors as the records of their faces say. */
async function updateBeside(tx: SqlTx, faces: readonly StoredFace[]): Promise<void> {
  const { rows, facts } = besideParams(faces);
  await tx.ask(
    `UPDATE @vectors v SET model = t.model, galleries = t.galleries, facts = substr($2::bytea, t.facts, ${FACTS_BYTES})
     FROM json_to_recordset($1::json) AS t(seq bigint, model text, galleries text, facts integer) WHERE v.seq = t.seq`,
    [JSON.stringify(rows), facts],
  );
}

/** What lies beside vectors, and all facts as one parameter, in which `facts` says where those of each begin. */
function besideParams(faces: readonly StoredFace[]): {
  readonly rows: readonly (Omit<BesideVector, 'facts'> & { readonly seq: number; readonly facts: number })[];
  readonly facts: Uint8Array;
} {
  const beside = faces.map(besideVector);
  const { bytes, places } = packed(beside.map(({ facts }) => facts));
  const rows = beside.map(({ model, galleries }, i) => {
    const [face, place] = [faces[i] as StoredFace, places[i] as (typeof places)[number]];
    return { seq: face.seq, model, galleries, facts: place.at };
  });
  return { rows, facts: bytes };
}

/** Writes records in the place of what they were; galleries are those of the records then. */
export async function updateRecords(
  tx: SqlTx,
  before: readonly StoredFace[],
  after: readonly StoredFace[],
): Promise<void> {
  for (let from = 0; from < after.length; from += ROWS) {
    const some = after.slice(from, from + ROWS);
    await tx.ask(
      `UPDATE @faces f SET model = t.model, meta = t.meta, person = t.person, camera = t.camera, photo = t.photo,
       time = t.time, record = t.record FROM (${RECORDS}) t WHERE f.seq = t.seq`,
      [recordsParam(some)],
    );
    const galleries = new Map(before.map((face) => [face.seq, String(face.galleries)]));
    const moved = some.filter((face) => galleries.get(face.seq) !== String(face.galleries));
    if (moved.length > 0) {
      await tx.ask(`DELETE FROM @face_galleries WHERE seq IN ${NUMBERS}`, [
        numbersParam(moved.map(({ seq }) => seq)),
      ]);
      await enter(tx, moved);
    }
    await updateBeside(tx, some);
  }
  countBytes(tx, before, -1);
  countBytes(tx, after, 1);
}

/** Puts other vectors, and other pictures where there are any, in the place of those of faces. */
export async function replaceBelongings(
  tx: SqlTx,
  faces: readonly {
    readonly face: StoredFace;
    readonly vector: Float32Array<ArrayBuffer>;
    readonly pictures?: PreparedFace['pictures'];
  }[],
): Promise<void> {
  for (let from = 0; from < faces.length; from += ROWS) {
    const some = faces.slice(from, from + ROWS);
    await insertVectors(tx, some);
    const pictured = some.flatMap(({ face, pictures }) => (pictures ? [{ seq: face.seq, pictures }] : []));
    await tx.ask(`DELETE FROM @pictures WHERE seq IN ${NUMBERS}`, [
      numbersParam(pictured.map(({ seq }) => seq)),
    ]);
    await insertPictures(tx, 'pictures', pictured);
  }
}

/** Takes faces out of all tables; galleries have counted them out. */
export async function dropFaces(tx: SqlTx, faces: readonly StoredFace[]): Promise<void> {
  if (faces.length === 0) return;
  await dropRows(
    tx,
    faces.map(({ seq }) => seq),
  );
  for (const [modelId, some] of groupBy(faces, (face) => face.modelId))
    countFaces(tx, modelId, dimensionOf(tx, modelId), -some.length);
  countBytes(tx, faces, -1);
}

/** Takes faces out of all tables of which no record can be read; they are counted as being of a model. */
export async function dropUnreadable(tx: SqlTx, modelId: string, seqs: readonly number[]): Promise<void> {
  if (seqs.length === 0) return;
  await dropRows(tx, seqs);
  countFaces(tx, modelId, dimensionOf(tx, modelId), -seqs.length);
}

/** Takes out of all tables what is kept of faces. */
export async function dropRows(tx: SqlTx, seqs: readonly number[]): Promise<void> {
  for (const table of ['faces', 'face_galleries', 'vectors', 'pictures', 'fresh'])
    await tx.ask(`DELETE FROM @${table} WHERE seq IN ${NUMBERS}`, [numbersParam(seqs)]);
}

/** Counts faces of a model; it is forgotten with the last of them. */
export function countFaces(tx: SqlTx, modelId: string, dimension: number, more: number): void {
  const models = new Map(tx.counters.models);
  const faces = (models.get(modelId)?.faces ?? 0) + more;
  if (faces > 0) models.set(modelId, { dimension, faces, segments: 0 });
  else models.delete(modelId);
  tx.counters = { ...tx.counters, models };
}

function countBytes(tx: SqlTx, faces: readonly StoredFace[], sign: 1 | -1): void {
  tx.counters = { ...tx.counters, bytes: addBytes(tx.counters.bytes, bytesOf(faces), sign) };
}

/** Faces by number, in the order given; those that are gone or damaged are left out. */
export async function facesBySeq(tx: SqlReading, seqs: Iterable<number>): Promise<readonly StoredFace[]> {
  const wanted = [...seqs];
  if (wanted.length === 0) return [];
  const rows = await tx.ask(`SELECT seq, record FROM @faces WHERE seq IN ${NUMBERS}`, [numbersParam(wanted)]);
  const found = new Map(wholeFaces(tx, rows).map((face) => [face.seq, face]));
  return wanted.map((seq) => found.get(seq)).filter((face) => face !== undefined);
}

/** The vectors of faces by their numbers, as they were given, or rotated as `as` says; damaged ones are left out. */
export async function vectorsOf(
  tx: SqlReading,
  faces: readonly Pick<StoredFace, 'seq' | 'modelId'>[],
  as?: SecretRotation,
): Promise<ReadonlyMap<number, Float32Array<ArrayBuffer>>> {
  const models = new Map(faces.map(({ seq, modelId }) => [seq, modelId]));
  const rows = await tx.ask(`SELECT seq, vector FROM @vectors WHERE seq IN ${NUMBERS}`, [
    numbersParam(models.keys()),
  ]);
  const found = new Map<number, Float32Array<ArrayBuffer>>();
  for (const row of rows) {
    const seq = Number(row.seq);
    const modelId = models.get(seq) as string;
    const vector = wholeVector(row.vector, dimensionOf(tx, modelId));
    if (vector) found.set(seq, rotatedAs(tx.rotations, modelId, vector, as));
  }
  return found;
}

/** The vector of a face. @throws NearFaceError `STORAGE_FAILED` where it is damaged */
export async function readVector(tx: SqlReading, face: StoredFace): Promise<Float32Array<ArrayBuffer>> {
  const vector = (await vectorsOf(tx, [face])).get(face.seq);
  if (vector) return vector;
  throw damagedEmbedding(face.id);
}
