/** Databases as earlier versions wrote them, opened by the present version. */
import { openDB } from 'idb';
import { expect, test } from 'vitest';
import {
  dropDatabase,
  openEngineWith,
  rawSeqs,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from '../test-gallery.ts';
import { assumedReliability, reliabilityByte, reliabilityOfQuality } from '../../core/reliability.ts';
import type { Quality } from '../../core/quality.ts';
import type { Box } from '../../core/types.ts';
import { shortHash, textHash } from '../../core/text-hash.ts';
import { galleryRow, segmentOf, segmentRow, toBytes } from './rows.ts';
import type { SegmentRow, StoredSegment } from './schema.ts';
import { PLAIN, type Sealer } from './sealer.ts';
import { Vault } from './vault.ts';
import { groupsOf, hashesOf } from '../face-rows.ts';

/** Writes what version 1 wrote for 700 faces in two galleries, of which every tenth was deleted. */
async function writeVersion1(database: string): Promise<void> {
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

test('a database of version 1 keeps everything', async () => {
  const database = testDatabase();
  await writeVersion1(database);
  const engine = await openEngineWith({ database, kernel: await testKernel() });
  try {
    expect(await engine.listGalleries()).toMatchObject([
      { name: 'default', count: 630 },
      { name: 'even', count: 280 },
    ]);
    for (const seq of [1, 255, 256, 257, 511, 513, 699])
      expect(await engine.getVector('default', `face-${seq}`)).toEqual(testVector(seq));
    const search = { modelId: 'model-8', probes: [testVector(513)], limit: 1, minCosine: 0.9 };
    expect((await engine.search('default', search))[0]?.[0]?.record).toMatchObject({
      id: 'face-513',
      timestamp: 1_000_513,
    });
    expect(await engine.search('even', { ...search, minCosine: 0.9999 })).toEqual([[]]);
    const timed = await engine.search('default', { ...search, minCosine: -1, from: 1_000_690, limit: 99 });
    expect(timed[0]).toHaveLength(9);
    const metas = await engine.metas('even');
    expect(metas.map(({ meta, count }) => [meta, count])).toEqual([
      ['name-0', 93],
      ['name-1', 93],
      ['name-2', 94],
    ]);
    const crop = await engine.getPicture('default', 'face-1', 'crop');
    expect(new Uint8Array((await crop?.arrayBuffer()) ?? new ArrayBuffer(0))).toEqual(Uint8Array.of(1, 2, 3));
    const stats = await engine.stats('default');
    expect(stats).toMatchObject({ faces: 630, segments: 3, bytes: { vectors: 630 * 32, pictures: 3 } });
    const ids = (await engine.listFaces('default', { limit: 1000 })).records.map(({ id }) => id);
    expect(ids).toHaveLength(630);
    expect(await engine.deleteFaces('default', ids)).toBe(630);
    expect(
      await engine.deleteFaces(
        'even',
        (await engine.listFaces('even', { limit: 1000 })).records.map(({ id }) => id),
      ),
    ).toBe(280);
    expect(await rawStore(database, 'vectors')).toEqual([]);
    expect(await rawStore(database, 'records')).toEqual([]);
    expect((await engine.usage()).bytes).toEqual({ vectors: 0, records: 0, pictures: 0 });
  } finally {
    engine.close();
    await dropDatabase(database);
  }
});

/** Writes what version 2 wrote for 300 faces, of which every third is in a second gallery too. */
async function writeVersion2(database: string, sealer: Sealer, keys: object | undefined): Promise<void> {
  const db = await openDB(database, 2, {
    upgrade: (opened) => {
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
      opened
        .createObjectStore('regenerated', { keyPath: ['seq', 'modelId'] })
        .createIndex('modelId', 'modelId');
      for (const name of ['pictures', 'state', 'changes', 'keys']) opened.createObjectStore(name);
    },
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
    const row = { ...facts, vectors, ...none, ...hashesOf([]) };
    const { reliabilities: _, ...old } = segmentRow(sealer, row);
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

test.each(['a plain', 'an encrypted'])('%s database of version 2 keeps everything', async (kind) => {
  const database = testDatabase();
  const passphrase = kind === 'a plain' ? undefined : 'correct horse';
  const vault = passphrase === undefined ? undefined : Vault.create();
  const keys = vault && passphrase !== undefined ? await vault.wrap(passphrase) : undefined;
  await writeVersion2(database, vault?.sealer() ?? PLAIN, keys);
  const options = { database, kernel: await testKernel(), ...(passphrase !== undefined && { passphrase }) };
  let engine = await openEngineWith(options);
  try {
    expect(await engine.getFace('third', 'face-9')).toMatchObject({ meta: 'name-1', timestamp: 1_000_009 });
    expect(await engine.getVector('default', 'face-299')).toEqual(testVector(299));
    expect(await (await engine.getPicture('default', 'face-1', 'crop'))?.arrayBuffer()).toEqual(
      Uint8Array.of(1, 2, 3).buffer,
    );
    const metas = await engine.metas('third');
    expect(metas.map(({ meta, count }) => [meta, count])).toEqual([
      ['name-0', 25],
      ['name-1', 25],
      ['name-2', 25],
      ['name-3', 25],
    ]);
    const person = await engine.listFaces('default', { limit: 100, personId: 'person-5' });
    expect(person.records).toHaveLength(30);
    expect(await engine.jobs.facesOfPhoto('third', '3'.repeat(64))).toHaveLength(15);
    await expect(engine.addFaces([testFace(12)])).rejects.toMatchObject({ code: 'FACE_EXISTS' });
    await engine.addFaces([testFace(900)]);
    engine.close();
    engine = await openEngineWith(options);
    const search = {
      modelId: 'model-8',
      probes: [testVector(270)],
      limit: 1,
      minCosine: 0.9,
      meta: 'name-2',
    };
    expect((await engine.search('third', search))[0]?.[0]?.record.id).toBe('face-270');
    const ids = (await engine.listFaces('default', { limit: 1000 })).records.map(({ id }) => id);
    expect(ids).toHaveLength(301);
    await engine.deleteGallery('third');
    expect(await engine.deleteFaces('default', ids)).toBe(301);
    expect(await rawSeqs(database)).toEqual([]);
    expect(await rawStore(database, 'vectors')).toEqual([]);
    expect((await engine.usage()).bytes).toEqual({ vectors: 0, records: 0, pictures: 0 });
    const db = await openDB(database);
    expect([...db.objectStoreNames]).not.toContain('faces');
    db.close();
  } finally {
    engine.close();
    await dropDatabase(database);
  }
});

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
const qualityAt = (seq: number): Quality => ({
  ...rest,
  sharpness: (seq % 50) / 50,
  completeness: { total: 1, ...covered },
});

const boxOf = (seq: number): Box => ({ left: 4, top: 5, width: 20 + (seq % 80), height: 30 + (seq % 80) });

/** Writes what version 3 wrote for 600 faces, of which from 1 to 300 every second was stored with its quality. */
async function writeVersion3(database: string, sealer: Sealer, keys: object | undefined): Promise<void> {
  const stores = ['galleries', 'records', 'vectors', 'pictures', 'jobs', 'jobItems', 'regenerated'];
  const all = [...stores, 'changes', 'state', 'keys'];
  const db = await openDB(database, 3, {
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
  }));
  let counted = 0;
  for (const { galleries: _, pictureBytes: _bytes, ...record } of records)
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
    const tags = faces.map(({ id, meta }) => ({
      id: shortHash(sealer.tag(id)),
      meta: textHash(sealer.tag(meta)),
      person: 0,
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

test.each(['a plain', 'an encrypted'])(
  '%s database of version 3 keeps everything and gets reliabilities',
  async (kind) => {
    const database = testDatabase();
    const passphrase = kind === 'a plain' ? undefined : 'correct horse';
    const vault = passphrase === undefined ? undefined : Vault.create();
    const keys = vault && passphrase !== undefined ? await vault.wrap(passphrase) : undefined;
    const sealer = vault?.sealer() ?? PLAIN;
    await writeVersion3(database, sealer, keys);
    const options = { database, kernel: await testKernel(), ...(passphrase !== undefined && { passphrase }) };
    const engine = await openEngineWith(options);
    try {
      const isTold = (seq: number): boolean => !sealer.encrypted && seq <= 300 && seq % 2 === 0;
      const expected = (seq: number): object =>
        isTold(seq)
          ? { reliability: reliabilityByte(reliabilityOfQuality(qualityAt(seq), boxOf(seq))) / 255 }
          : assumedReliability();
      for (const seq of [1, 2, 20, 255, 256, 258, 300, 302, 599, 600]) {
        const face = await engine.getFace('default', `face-${seq}`);
        expect(face).toMatchObject({ ...expected(seq), timestamp: 1_000_000 + seq });
        expect('reliabilityAssumed' in face).toBe(!isTold(seq));
        expect(await engine.getVector('default', `face-${seq}`)).toEqual(testVector(seq));
      }
      // The last segment has nothing to say and was left as it was.
      const segments = (await rawStore(database, 'vectors')) as readonly StoredSegment[];
      expect(segments.map((segment) => 'reliabilities' in segment)).toEqual(
        sealer.encrypted ? [false, false, false] : [true, true, false],
      );
      // Whatever is rewritten holds what its record says.
      await engine.addFaces([testFace(900, { reliability: 0.2 })]);
      await engine.updateFace('default', 'face-2', { meta: 'Sam' });
      for (const row of (await rawStore(database, 'vectors')) as readonly SegmentRow[]) {
        const { seqs, reliabilities } = segmentOf(sealer, row);
        for (const [i, seq] of seqs.entries()) {
          const { reliability } = await engine.getFace('default', seq > 600 ? 'face-900' : `face-${seq}`);
          expect((reliabilities[i] ?? NaN) / 255).toBe(reliability);
        }
      }
      const ids = (await engine.listFaces('default', { limit: 1000 })).records.map(({ id }) => id);
      expect(await engine.deleteFaces('default', ids)).toBe(601);
      expect((await engine.usage()).bytes).toEqual({ vectors: 0, records: 0, pictures: 0 });
    } finally {
      engine.close();
      await dropDatabase(database);
    }
  },
);
