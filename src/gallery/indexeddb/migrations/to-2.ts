import type { IDBPTransaction } from 'idb';
import type { UpgradeDb } from './step.ts';

/** A face of version 1: its record, with the keys of indexes, and where its vector is. */
interface Face1 {
  readonly seq: number;
  readonly galleries: readonly string[];
  readonly galleryMeta: readonly (readonly [gallery: string, meta: string])[];
  readonly timestamp: number;
  readonly segment: number;
  readonly row: number;
}

/** Version 2 keeps the vector's place elsewhere, and how many bytes the face's pictures are. */
type Face2 = Omit<Face1, 'segment' | 'row'> & { readonly pictureBytes: number };

/** A segment of version 1: keyed by a number of its own, rows of deleted faces zeroed. */
interface Segment1 {
  readonly modelId: string;
  readonly dimension: number;
  readonly seqs: Float64Array;
  readonly vectors: Float32Array;
}

/** One of version 2: keyed by model and first face, without gaps. */
interface Segment2 extends Segment1 {
  readonly first: number;
  readonly times: Float64Array;
  readonly codes: Uint8Array;
  readonly groups: readonly { readonly name: string; readonly bits: Uint8Array }[];
}

interface Bytes2 {
  readonly records: number;
  readonly pictures: number;
}

interface State1 {
  readonly nextSeq: number;
  readonly models: ReadonlyMap<string, { readonly dimension: number; readonly faces: number }>;
}

interface State2 extends Pick<State1, 'nextSeq'> {
  readonly revision: number;
  readonly models: ReadonlyMap<
    string,
    { readonly dimension: number; readonly faces: number; readonly segments: number }
  >;
  readonly bytes: Bytes2;
}

/** The stores of both versions, as far as they are touched. */
type Tx = IDBPTransaction<
  {
    faces: { key: number; value: Face1 | Face2 };
    segments: { key: number; value: Segment1 };
    vectors: { key: [modelId: string, first: number]; value: Segment2 };
    pictures: { key: [seq: number, kind: string]; value: { readonly bytes: ArrayBuffer } };
    galleries: { key: string; value: { readonly name: string; readonly bytes?: Bytes2 } };
    state: { key: string; value: State1 | State2 };
  },
  ['faces', 'segments', 'vectors', 'pictures', 'galleries', 'state'],
  'versionchange'
>;

/** Rows of a segment of version 2. */
const ROWS = 256;

/** Version 1 had segments with gaps, and counted neither segments nor bytes. */
export async function toVersion2(db: UpgradeDb, upgrade: unknown): Promise<void> {
  const tx = upgrade as Tx;
  db.createObjectStore('vectors', { keyPath: ['modelId', 'first'] });
  const segments = await joinSegments(tx);
  db.deleteObjectStore('segments');
  const { all, ofGalleries } = await countBytes(tx);
  const galleries = tx.objectStore('galleries');
  for (let cursor = await galleries.openCursor(); cursor; cursor = await cursor.continue())
    await cursor.update({ ...cursor.value, bytes: ofGalleries.get(cursor.value.name) ?? NO_BYTES });
  const { nextSeq, models } = (await tx.objectStore('state').get('state')) as State1;
  const counted = Array.from(models, ([modelId, { dimension, faces }]) => {
    return [modelId, { dimension, faces, segments: segments.get(modelId) ?? 0 }] as const;
  });
  await tx.objectStore('state').put({ nextSeq, revision: 0, models: new Map(counted), bytes: all }, 'state');
}

/** Answers how many segments of each model there are now; damaged ones are not, and the counters of faces tell it. */
async function joinSegments(tx: Tx): Promise<ReadonlyMap<string, number>> {
  const counted = new Map<string, number>();
  const store = tx.objectStore('segments');
  for (let cursor = await store.openCursor(); cursor; cursor = await cursor.continue()) {
    const { modelId, dimension, seqs, vectors } = cursor.value;
    const isWhole = seqs instanceof Float64Array && vectors instanceof Float32Array && dimension > 0;
    if (!isWhole || typeof modelId !== 'string') continue;
    for (const segment of await denseSegments(tx, cursor.value)) {
      await tx.objectStore('vectors').add(segment);
      counted.set(modelId, (counted.get(modelId) ?? 0) + 1);
    }
  }
  return counted;
}

/** The rows of a segment that are not deleted. */
async function denseSegments(tx: Tx, { modelId, dimension, ...old }: Segment1): Promise<Segment2[]> {
  const rows = [...old.seqs.entries()].filter(([, seq]) => seq > 0);
  const segments: Segment2[] = [];
  for (let from = 0; from < rows.length; from += ROWS) {
    const some = rows.slice(from, from + ROWS);
    const seqs = Float64Array.from(some, ([, seq]) => seq);
    const faces = await Promise.all(some.map(([, seq]) => tx.objectStore('faces').get(seq)));
    const vectors = new Float32Array(some.length * dimension);
    some.forEach(([row], i) =>
      vectors.set(old.vectors.subarray(row * dimension, (row + 1) * dimension), i * dimension),
    );
    segments.push({
      ...{ modelId, first: seqs[0] as number, dimension, seqs, vectors },
      times: Float64Array.from(faces, (face) => face?.timestamp ?? 0),
      codes: new Uint8Array(0),
      groups: groupsOf(faces.map((face) => galleriesOf(face))),
    });
  }
  return segments;
}

/** None of a face that is damaged or gone. */
function galleriesOf(face: Pick<Face1, 'galleries'> | undefined): readonly string[] {
  return Array.isArray(face?.galleries) ? (face.galleries as readonly string[]) : [];
}

function groupsOf(galleries: readonly (readonly string[])[]): Segment2['groups'] {
  const groups = new Map<string, Uint8Array>();
  for (const [row, names] of galleries.entries())
    for (const name of names) {
      const bits = groups.get(name) ?? new Uint8Array(Math.ceil(galleries.length / 8));
      bits[row >> 3] = (bits[row >> 3] as number) | (1 << (row & 7));
      groups.set(name, bits);
    }
  return Array.from(groups, ([name, bits]) => ({ name, bits }));
}

const NO_BYTES: Bytes2 = { records: 0, pictures: 0 };

/** Notes with each face the bytes of its pictures. Answers the bytes of all, and of each gallery's faces. */
async function countBytes(
  tx: Tx,
): Promise<{ readonly all: Bytes2; readonly ofGalleries: ReadonlyMap<string, Bytes2> }> {
  const ofPictures = await countPictures(tx);
  const ofGalleries = new Map<string, Bytes2>();
  let all = NO_BYTES;
  const faces = tx.objectStore('faces');
  for (let cursor = await faces.openCursor(); cursor; cursor = await cursor.continue()) {
    const { segment: _segment, row: _row, ...face } = cursor.value as Face1;
    const pictures = ofPictures.get(face.seq) ?? 0;
    await cursor.update({ ...face, pictureBytes: pictures });
    const { seq: _, galleries: _galleries, galleryMeta: _meta, ...record } = face;
    const bytes = { records: JSON.stringify(record).length, pictures };
    all = sum(all, bytes);
    for (const name of galleriesOf(face))
      ofGalleries.set(name, sum(ofGalleries.get(name) ?? NO_BYTES, bytes));
  }
  return { all, ofGalleries };
}

function sum(a: Bytes2, b: Bytes2): Bytes2 {
  return { records: a.records + b.records, pictures: a.pictures + b.pictures };
}

/** Bytes of each face's pictures. */
async function countPictures(tx: Tx): Promise<ReadonlyMap<number, number>> {
  const bytes = new Map<number, number>();
  for (let cursor = await tx.objectStore('pictures').openCursor(); cursor; cursor = await cursor.continue()) {
    const [seq] = cursor.key;
    const { byteLength = 0 } = cursor.value.bytes as Partial<ArrayBuffer>;
    bytes.set(seq, (bytes.get(seq) ?? 0) + byteLength);
  }
  return bytes;
}
