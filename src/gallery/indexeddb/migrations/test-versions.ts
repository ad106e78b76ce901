/** For tests: databases as earlier versions wrote them. */
import { type IDBPDatabase, openDB } from 'idb';
import type { Quality } from '../../../core/quality.ts';
import { shortHash, textHash } from '../../../core/text-hash.ts';
import type { Box } from '../../../core/types.ts';
import { testVector } from '../../test-gallery.ts';
import { galleryRow, segmentRow, toBytes } from '../rows.ts';
import type { Sealer } from '../sealer.ts';
import { columnsOf, groupsOf, hashesOf } from '../../face-rows.ts';

/** Writes what version 1 wrote for 700 faces in two galleries, of which every tenth was deleted. */
export async function writeVersion1(database: string): Promise<void> {
  const db = await openDB(database, 1, {
    upgrade: (opened) => {
      opened.createObjectStore('galleries', { keyPath: 'name' });
      const faces = opened.createObjectStore('faces', { keyPath: 'seq' });
      faces.createIndex('id', 'id', { unique: true });
      faces.createIndex('galleries', 'galleries', { multiEntry: true });
      faces.createIndex('galleryMeta', 'galleryMeta', { multiEntry: true });
      opened.createObjectStore('segments', { keyPath: 'no' });
      opened.createObjectStore('pictures');
      opened.createObjectStore('state');
    },
  });
  const tx = db.transaction(['galleries', 'faces', 'segments', 'pictures', 'state'], 'readwrite');
  const there = Array.from({ length: 700 }, (_, i) => i + 1).filter((seq) => seq % 10 !== 0);
  for (const seq of there) {
    const galleries = seq % 2 ? ['default'] : ['default', 'even'];
    void tx.objectStore('faces').add({
      seq,
      id: `face-${seq}`,
      meta: `name-${seq % 3}`,
      galleries,
      galleryMeta: galleries.map((gallery) => [gallery, `name-${seq % 3}`]),
      modelId: 'model-8',
      timestamp: 1_000_000 + seq,
      pictures: seq === 1 ? ['crop'] : [],
      segment: seq <= 512 ? 1 : 2,
      row: (seq - 1) % 512,
    });
  }
  void tx
    .objectStore('pictures')
    .add({ type: 'image/webp', bytes: Uint8Array.of(1, 2, 3).buffer }, [1, 'crop']);
  for (const [no, from, to] of [
    [1, 1, 512],
    [2, 513, 700],
  ] as const) {
    const vectors = new Float32Array((to - from + 1) * 8);
    const seqs = Float64Array.from({ length: to - from + 1 }, (_, row) => {
      const seq = from + row;
      if (seq % 10 === 0) return 0;
      vectors.set(testVector(seq), row * 8);
      return seq;
    });
    const live = seqs.filter((seq) => seq > 0).length;
    void tx.objectStore('segments').add({ no, modelId: 'model-8', dimension: 8, seqs, vectors, live });
  }
  const models = new Map([['model-8', { dimension: 8, tail: 2, faces: there.length }]]);
  void tx.objectStore('state').add({ nextSeq: 701, nextSegment: 3, deletedRows: 70, models }, 'state');
  const gallery = { capacity: null, modelId: 'model-8', createdAt: 5 };
  void tx.objectStore('galleries').add({ ...gallery, name: 'default', count: there.length });
  const even = there.filter((seq) => seq % 2 === 0).length;
  void tx.objectStore('galleries').add({ ...gallery, name: 'even', count: even });
  await tx.done;
  db.close();
}

function createStores2(opened: IDBPDatabase): void {
  opened.createObjectStore('galleries', { keyPath: 'name' });
  const faces = opened.createObjectStore('faces', { keyPath: 'seq' });
  faces.createIndex('id', 'id', { unique: true });
  for (const name of ['galleries', 'galleryMeta']) faces.createIndex(name, name, { multiEntry: true });
  for (const name of ['personId', 'photoHash']) faces.createIndex(name, name);
  opened.createObjectStore('vectors', { keyPath: ['modelId', 'first'] });
  opened.createObjectStore('metas', { keyPath: ['gallery', 'meta'] });
  opened.createObjectStore('jobs', { keyPath: 'id' });
  const items = opened.createObjectStore('jobItems', { keyPath: ['job', 'index'] });
  items.createIndex('status', ['job', 'status', 'index']);
  items.createIndex('ids', 'ids', { multiEntry: true });
  opened.createObjectStore('regenerated', { keyPath: ['seq', 'modelId'] }).createIndex('modelId', 'modelId');
  for (const name of ['pictures', 'state', 'changes', 'keys']) opened.createObjectStore(name);
}

/** Writes what version 2 wrote for 300 faces, of which every third is in a second gallery too. */
export async function writeVersion2(
  database: string,
  sealer: Sealer,
  keys: object | undefined,
): Promise<void> {
  const db = await openDB(database, 2, {
    upgrade: createStores2,
  });
  const names = ['galleries', 'faces', 'vectors', 'metas', 'pictures', 'state', 'changes', 'keys'];
  const tx = db.transaction(names, 'readwrite');
  const there = Array.from({ length: 300 }, (_, i) => i + 1);
  const galleriesAt = (seq: number): string[] => (seq % 3 ? ['default'] : ['default', 'third']);
  const recordBytes = { records: 0, pictures: 0 };
  for (const seq of there) {
    const record = {
      id: `face-${seq}`,
      meta: `name-${seq % 4}`,
      galleries: galleriesAt(seq),
      modelId: 'model-8',
      timestamp: 1_000_000 + seq,
      pictures: seq === 1 ? ['crop'] : [],
      pictureBytes: seq === 1 ? 3 : 0,
      ...(seq % 5 === 0 && { personId: `person-${seq % 10}` }),
      photoHash: `${seq % 7}`.repeat(64),
    };
    const { galleries: _, pictureBytes: _bytes, ...counted } = record;
    recordBytes.records += JSON.stringify(counted).length;
    const row = {
      seq,
      id: sealer.tag(record.id),
      galleries: record.galleries.map(sealer.tag),
      galleryMeta: record.galleries.map((gallery) => [sealer.tag(gallery), sealer.tag(record.meta)]),
      ...(record.personId !== undefined && { personId: sealer.tag(record.personId) }),
      photoHash: sealer.tag(record.photoHash),
    };
    const whole = sealer.encrypted ? { ...row, sealed: sealer.seal(toBytes(record)) } : { ...record, ...row };
    void tx.objectStore('faces').add(whole);
  }
  for (const [first, last] of [
    [1, 256],
    [257, 300],
  ] as const) {
    const seqs = Float64Array.from({ length: last - first + 1 }, (_, i) => first + i);
    const vectors = Float32Array.from([...seqs].flatMap((seq) => [...testVector(seq)]));
    const times = seqs.map((seq) => 1_000_000 + seq);
    const groups = groupsOf([...seqs].map((seq) => galleriesAt(seq).map(sealer.tag)));
    const facts = { modelId: 'model-8', first, dimension: 8, seqs, times, groups };
    const none = { codes: new Uint8Array(0), reliabilities: new Uint8Array(0) };
    const row = { ...facts, vectors, ...none, ...columnsOf([]) };
    const { reliabilities: _, cameras: _cameras, expiries: _expiries, ...old } = segmentRow(sealer, row);
    const { ids: _ids, metas: _metas, persons: _persons, photos: _photos, ...kept } = old;
    void tx.objectStore('vectors').add(kept);
  }
  const crop = sealer.seal(Uint8Array.of(1, 2, 3));
  void tx.objectStore('pictures').add({ type: 'image/webp', bytes: crop.slice().buffer }, [1, 'crop']);
  const bytes = { ...recordBytes, pictures: 3 };
  for (const [name, count] of [
    ['default', 300],
    ['third', 100],
  ] as const) {
    const gallery = { name, capacity: null, count, bytes, modelId: 'model-8', createdAt: 5 };
    void tx.objectStore('galleries').add(galleryRow(sealer, gallery));
  }
  const model = { dimension: 8, faces: 300, segments: 2 };
  void tx
    .objectStore('state')
    .add({ nextSeq: 301, revision: 7, models: new Map([['model-8', model]]), bytes }, 'state');
  void tx.objectStore('changes').add([{ kind: 'moved', seq: 1, out: [], into: [] }], 7);
  if (keys) void tx.objectStore('keys').add(keys, 'keys');
  await tx.done;
  db.close();
}

const covered = {
  leftEyeBrow: 1,
  rightEyeBrow: 1,
  leftEye: 1,
  rightEye: 1,
  nose: 1,
  mouth: 1,
  faceContour: 1,
};
const rest = { brightness: 0, mouthClosed: 1, centered: 1, size: 0.2, integrity: 1, alignment: 1 };
export const qualityAt = (seq: number): Quality => ({
  ...rest,
  sharpness: (seq % 50) / 50,
  completeness: { total: 1, ...covered },
});

export const boxOf = (seq: number): Box => ({
  left: 4,
  top: 5,
  width: 20 + (seq % 80),
  height: 30 + (seq % 80),
});

/** Writes what version 3 wrote for 600 faces, of which from 1 to 300 every second was stored with its quality. */
export function writeVersion3(database: string, sealer: Sealer, keys: object | undefined): Promise<void> {
  return writeBlocks(database, sealer, keys, 3, () => ({}));
}

/** Writes what version 4 wrote for them, each third with a person and each fifth with the flag of a friend. */
export function writeVersion4(database: string, sealer: Sealer, keys: object | undefined): Promise<void> {
  return writeBlocks(database, sealer, keys, 4, (seq) => ({
    ...(seq % 3 === 0 && { personId: `person-${seq % 7}` }),
    ...(seq % 5 === 0 && { friend: seq % 2 === 0 }),
    reliability: 0.2,
  }));
}

async function writeBlocks(
  database: string,
  sealer: Sealer,
  keys: object | undefined,
  version: number,
  more: (seq: number) => {
    readonly personId?: string;
    readonly friend?: boolean;
    readonly reliability?: number;
  },
): Promise<void> {
  const stores = ['galleries', 'records', 'vectors', 'pictures', 'jobs', 'jobItems', 'regenerated'];
  const all = [...stores, 'changes', 'state', 'keys'];
  const db = await openDB(database, version, {
    upgrade: (opened) => {
      opened.createObjectStore('galleries', { keyPath: 'name' });
      opened.createObjectStore('records', { keyPath: 'block' });
      opened.createObjectStore('vectors', { keyPath: ['modelId', 'first'] });
      opened.createObjectStore('jobs', { keyPath: 'id' });
      const items = opened.createObjectStore('jobItems', { keyPath: ['job', 'index'] });
      items.createIndex('status', ['job', 'status', 'index']);
      items.createIndex('ids', 'ids', { multiEntry: true });
      opened
        .createObjectStore('regenerated', { keyPath: ['seq', 'modelId'] })
        .createIndex('modelId', 'modelId');
      for (const name of ['pictures', 'changes', 'state', 'keys']) opened.createObjectStore(name);
    },
  });
  const tx = db.transaction(all, 'readwrite');
  const records = Array.from({ length: 600 }, (_, i) => ({
    id: `face-${i + 1}`,
    meta: `name-${i % 4}`,
    galleries: ['default'],
    modelId: 'model-8',
    timestamp: 1_000_001 + i,
    pictures: [],
    pictureBytes: 0,
    ...(i < 300 && i % 2 === 1 && { quality: qualityAt(i + 1), box: boxOf(i + 1) }),
    ...more(i + 1),
  }));
  let counted = 0;
  for (const { galleries: _, pictureBytes: _bytes, reliability: _reliability, ...record } of records)
    counted += JSON.stringify(record).length;
  for (let block = 0; block * 32 <= 600; block++) {
    const seqs = Array.from({ length: 32 }, (_, i) => block * 32 + i).filter((seq) => seq >= 1 && seq <= 600);
    const rows = seqs.map((seq) => {
      const record = records[seq - 1];
      return sealer.encrypted ? sealer.seal(toBytes(record)) : JSON.stringify(record);
    });
    void tx.objectStore('records').add({ block, seqs, records: rows });
  }
  for (const first of [1, 257, 513]) {
    const seqs = Float64Array.from({ length: Math.min(256, 601 - first) }, (_, i) => first + i);
    const faces = Array.from(seqs, (seq) => records[seq - 1] as (typeof records)[number]);
    const tags = faces.map(({ id, meta, personId }) => ({
      id: shortHash(sealer.tag(id)),
      meta: textHash(sealer.tag(meta)),
      person: personId === undefined ? 0 : textHash(sealer.tag(personId)),
      photo: 0,
    }));
    const vectors = Float32Array.from([...seqs].flatMap((seq) => [...testVector(seq)]));
    const sealed = sealer.encrypted
      ? { vectors: sealer.seal(new Uint8Array(vectors.buffer)), codes: sealer.seal(new Uint8Array(0)) }
      : { vectors, codes: new Uint8Array(0) };
    const times = seqs.map((seq) => 1_000_000 + seq);
    const groups = groupsOf(faces.map(({ galleries }) => galleries.map(sealer.tag)));
    const facts = { modelId: 'model-8', first, dimension: 8, seqs, times, groups };
    void tx.objectStore('vectors').add({ ...facts, ...hashesOf(tags), ...sealed });
  }
  const bytes = { records: counted, pictures: 0 };
  const gallery = { name: 'default', capacity: null, count: 600, bytes, modelId: 'model-8', createdAt: 5 };
  void tx.objectStore('galleries').add(galleryRow(sealer, gallery));
  const models = new Map([['model-8', { dimension: 8, faces: 600, segments: 3 }]]);
  void tx.objectStore('state').add({ nextSeq: 601, revision: 0, models, bytes }, 'state');
  if (keys) void tx.objectStore('keys').add(keys, 'keys');
  await tx.done;
  db.close();
}
