/** Databases as earlier versions wrote them, opened by the present version. */
import { openDB } from 'idb';
import { expect, test } from 'vitest';
import { assumedReliability, reliabilityByte, reliabilityOfQuality } from '../../../core/reliability.ts';
import {
  dropDatabase,
  openEngineWith,
  rawSeqs,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from '../../test-gallery.ts';
import { segmentOf } from '../rows.ts';
import type { SegmentRow, StoredSegment } from '../schema.ts';
import { PLAIN } from '../sealer.ts';
import { vaultOfBefore } from '../test-vault.ts';
import {
  boxOf,
  qualityAt,
  writeVersion1,
  writeVersion2,
  writeVersion3,
  writeVersion4,
} from './test-versions.ts';

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

test.each(['a plain', 'an encrypted'])('%s database of version 2 keeps everything', async (kind) => {
  const database = testDatabase();
  const passphrase = kind === 'a plain' ? undefined : 'correct horse';
  const vault = passphrase === undefined ? undefined : await vaultOfBefore(database, passphrase);
  const keys = vault && passphrase !== undefined ? await vault.wrap(passphrase) : undefined;
  await writeVersion2(database, vault?.sealer() ?? PLAIN, keys);
  const options = {
    database,
    kernel: await testKernel(),
    ...(passphrase !== undefined && { key: passphrase }),
  };
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
    expect(await engine.jobDesk.facesOfPhoto('third', '3'.repeat(64))).toHaveLength(15);
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

test.each(['a plain', 'an encrypted'])(
  '%s database of version 3 keeps everything and gets reliabilities',
  async (kind) => {
    const database = testDatabase();
    const passphrase = kind === 'a plain' ? undefined : 'correct horse';
    const vault = passphrase === undefined ? undefined : await vaultOfBefore(database, passphrase);
    const keys = vault && passphrase !== undefined ? await vault.wrap(passphrase) : undefined;
    const sealer = vault?.sealer() ?? PLAIN;
    await writeVersion3(database, sealer, keys);
    const options = {
      database,
      kernel: await testKernel(),
      ...(passphrase !== undefined && { key: passphrase }),
    };
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

test.each(['a plain', 'an encrypted'])(
  '%s database of version 4 keeps everything but the flag of a friend, and people are made of what faces name',
  async (kind) => {
    const database = testDatabase();
    const passphrase = kind === 'a plain' ? undefined : 'correct horse';
    const vault = passphrase === undefined ? undefined : await vaultOfBefore(database, passphrase);
    const keys = vault && passphrase !== undefined ? await vault.wrap(passphrase) : undefined;
    const sealer = vault?.sealer() ?? PLAIN;
    await writeVersion4(database, sealer, keys);
    const options = {
      database,
      kernel: await testKernel(),
      ...(passphrase !== undefined && { key: passphrase }),
    };
    const engine = await openEngineWith(options);
    try {
      if (!vault) expect(JSON.stringify(await rawStore(database, 'records'))).not.toContain('friend');
      const face = await engine.getFace('default', 'face-15');
      expect(face).toMatchObject({ meta: 'name-2', personId: 'person-1', timestamp: 1_000_015 });
      expect(face).not.toHaveProperty('friend');
      const { people } = await engine.people.listPeople({ limit: 100 });
      expect(people.map(({ id, faces }) => [id, faces]).toSorted()).toEqual(
        [0, 1, 2, 3, 4, 5, 6].map((i) => [
          `person-${i}`,
          Array.from({ length: 200 }, (_, n) => 3 * (n + 1)).filter((seq) => seq % 7 === i).length,
        ]),
      );
      await engine.people.deletePerson('person-1');
      await engine.updateFace('default', 'face-10', { meta: 'Sam' });
      const { records } = await engine.listFaces('default', { limit: 1000 });
      await engine.deleteFaces(
        'default',
        records.map(({ id }) => id),
      );
      expect((await engine.usage()).bytes).toEqual({ vectors: 0, records: 0, pictures: 0 });
      expect((await engine.stats('default')).bytes).toEqual({ vectors: 0, records: 0, pictures: 0 });
    } finally {
      engine.close();
      await dropDatabase(database);
    }
  },
);
