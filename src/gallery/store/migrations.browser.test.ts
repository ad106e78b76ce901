/** Databases as version 1 wrote them, opened by the present version. */
import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { GalleryEngine } from '../gallery-engine.ts';
import { dropDatabase, rawStore, testDatabase, testKernel, testVector } from '../test-gallery.ts';

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
  const engine = await GalleryEngine.open({ database, kernel: await testKernel() });
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
