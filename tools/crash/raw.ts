/** Runs in the page: the stores as they lie in the database, past the library's own reading. */
import { openDB } from 'idb';
import type { FaceRecord } from '../../src/core/records.ts';
import { rotatedBack } from '../../src/core/secret-rotation.ts';
import { isSameVector } from '../../src/gallery/face-rules.ts';
import { blockOf, facesOf } from '../../src/gallery/indexeddb/records.ts';
import { keysOf } from '../../src/gallery/face-keys.ts';
import { segmentOf } from '../../src/gallery/indexeddb/rows.ts';
import {
  type GalleryDb,
  SEGMENT_ROWS,
  type StoredPicture,
  type StoredSegment,
} from '../../src/gallery/indexeddb/schema.ts';
import { PLAIN, type Sealer } from '../../src/gallery/indexeddb/sealer.ts';
import { currentSlot } from '../../src/gallery/indexeddb/slots.ts';
import { Vault } from '../../src/gallery/indexeddb/vault.ts';
import { galleriesOf } from '../../src/gallery/indexeddb/segment-rows.ts';
import { DIMENSION, pictureOf, reliabilityOf, vectorOf } from './faces.ts';
import type { Problems } from './problems.ts';
import type { StoredFace } from '../../src/gallery/stored.ts';

/** Every row belongs to one of the faces that the galleries list, and no face lacks one. */
export async function checkRaw(
  database: string,
  passphrase: string | null,
  records: readonly FaceRecord[],
  problems: Problems,
): Promise<void> {
  const db = await openDB<GalleryDb>((await currentSlot(database)) ?? database);
  try {
    const stored = await db.get('keys', 'keys');
    problems.same('whether it is encrypted', stored !== undefined, passphrase !== null);
    const sealer =
      stored && passphrase !== null ? (await Vault.unlock(database, stored, passphrase)).sealer() : PLAIN;
    const tx = db.transaction(['records', 'vectors', 'pictures', 'changes', 'state']);
    const [blocks, segmentRows, keys, pictures, changes, state] = await Promise.all([
      tx.objectStore('records').getAll(),
      tx.objectStore('vectors').getAll(),
      tx.objectStore('pictures').getAllKeys(),
      tx.objectStore('pictures').getAll(),
      tx.objectStore('changes').getAllKeys(),
      tx.objectStore('state').get('state'),
    ]);
    const rows = blocks.flatMap((block) => facesOf(sealer, block));
    const segments = segmentRows.map((row) => segmentOf(sealer, row));
    problems.same('records', rows.length, records.length);
    problems.same(
      'blocks of records',
      blocks.map(({ block }) => block),
      [...new Set(rows.map(({ seq }) => blockOf(seq)))],
    );
    checkSegments(sealer, segments, rows, problems);
    checkPictures(sealer, keys, pictures, rows, problems);
    const models = [...(state?.models.values() ?? [])];
    problems.same('models', models.length, rows.length > 0 ? 1 : 0);
    problems.same('faces counted of the model', models[0]?.faces ?? 0, rows.length);
    problems.same('segments counted of the model', models[0]?.segments ?? 0, segments.length);
    problems.same('imports under way', state?.importing, undefined);
    problems.same('last change', changes.at(-1) ?? 0, state?.revision);
  } finally {
    db.close();
  }
}

/** Each face has one row among the vectors, with its time and reliability, and its vector: bit for bit, where it was not rotated. */
function checkSegments(
  sealer: Sealer,
  segments: readonly StoredSegment[],
  rows: readonly StoredFace[],
  problems: Problems,
): void {
  const faces = new Map(rows.map((row) => [row.seq, row]));
  const seqs: number[] = [];
  for (const segment of segments) {
    const { first, seqs: held, times, vectors, reliabilities } = segment;
    problems.same(`segment ${first} is of fair size`, held.length > 0 && held.length <= SEGMENT_ROWS, true);
    problems.same(`numbers of segment ${first}`, vectors.length, held.length * DIMENSION);
    for (const [i, seq] of held.entries()) {
      const face = faces.get(seq);
      const vector = vectors.subarray(i * DIMENSION, (i + 1) * DIMENSION);
      if (!face) problems.all.push(`the vector of face number ${seq} has no record`);
      else if (!isVector(sealer, segment.modelId, vector, vectorOf(face.id, face.modelId)))
        problems.all.push(`${face.id} has another vector`);
      problems.same(`time of face number ${seq}`, times[i], face?.timestamp);
      const reliability = face && reliabilityOf(face.id, face.modelId);
      problems.same(`reliability of face number ${seq}`, (reliabilities[i] ?? NaN) / 255, reliability);
      problems.same(`reliability in the record of face number ${seq}`, face?.reliability, reliability);
      if (face) checkKeys(sealer, segment, i, face, problems);
      seqs.push(seq);
    }
  }
  problems.same(
    'faces with a vector',
    seqs,
    rows.map(({ seq }) => seq),
  );
}

/** A face is found by what its record says. */
function checkKeys(
  sealer: Sealer,
  segment: StoredSegment,
  row: number,
  face: StoredFace,
  problems: Problems,
): void {
  const { galleries, id, meta, person, photo } = keysOf(sealer, face);
  const { ids, metas, persons, photos } = segment;
  problems.same(
    `keys of ${face.id}`,
    [ids[row], metas[row], persons[row], photos[row], galleriesOf(segment)[row]?.toSorted()],
    [id, meta, person, photo, galleries.toSorted()],
  );
}

/** Each face that tells of a picture has it, byte for byte, and there are no others. */
function checkPictures(
  sealer: Sealer,
  keys: readonly (readonly [seq: number, kind: string])[],
  pictures: readonly StoredPicture[],
  rows: readonly StoredFace[],
  problems: Problems,
): void {
  const withPicture = rows.filter((row) => row.pictures.length > 0);
  problems.same(
    'faces with a picture',
    keys,
    withPicture.map(({ seq }) => [seq, 'crop']),
  );
  const ids = new Map(rows.map(({ seq, id }) => [seq, id]));
  for (const [i, { bytes }] of pictures.entries()) {
    const id = ids.get((keys[i] as readonly [number, string])[0]);
    if (id !== undefined && !sameBits(sealer.open(new Uint8Array(bytes)), pictureOf(id)))
      problems.all.push(`${id} has another picture`);
  }
}

function isVector(
  { rotations }: Sealer,
  modelId: string,
  stored: Float32Array,
  given: Float32Array,
): boolean {
  return rotations ? isSameVector(rotatedBack(rotations, modelId, stored), given) : sameBits(stored, given);
}

export function sameBits(a: ArrayBufferView, b: ArrayBufferView): boolean {
  const [left, right] = [a, b].map(
    (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
  ) as [Uint8Array, Uint8Array];
  return left.length === right.length && left.every((byte, i) => byte === right[i]);
}
