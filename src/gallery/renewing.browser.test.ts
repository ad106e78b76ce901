/** Vectors rotated by a secret: what lies there, what is answered, and what becomes of both when the secret is renewed. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDB } from 'idb';
import { dot } from '../core/dot.ts';
import { TEST_CALIBRATION } from '../core/test-calibration.ts';
import { rotatedBack } from '../core/secret-rotation.ts';
import { xorshift32 } from '../search/xorshift.ts';
import type { EngineOptions, GalleryEngine } from './gallery-engine.ts';
import { segmentOf } from './indexeddb/rows.ts';
import type { SegmentRow, StoredKeys } from './indexeddb/schema.ts';
import type { Sealer } from './indexeddb/sealer.ts';
import { currentSlot, slotsOf } from './indexeddb/slots.ts';
import { vaultOfBefore } from './indexeddb/test-vault.ts';
import { Vault } from './indexeddb/vault.ts';
import { Mirror } from './mirror.ts';
import { expectVector } from './test-vector.ts';
import { dyingAfter } from './test-dying.ts';
import {
  cheapPassphrases,
  dropDatabase,
  openEngineWith,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
} from './test-gallery.ts';

const PASSPHRASE = 'correct horse battery';
const ANOTHER = 'another horse battery';
const PASSKEY = { id: 'passkey-1', secret: 'ab'.repeat(32) };
const [DIMENSION, MODEL] = [64, 'model-64'];
/** More than a segment holds. */
const [PEOPLE, PHOTOS] = [110, 4];

let database: string;
let engine: GalleryEngine | undefined;

async function open(
  key?: string | typeof PASSKEY,
  more: Partial<EngineOptions> = {},
): Promise<GalleryEngine> {
  return openEngineWith({ database, kernel: await testKernel(), key, ...more });
}

beforeEach(() => {
  database = testDatabase();
  cheapPassphrases();
});

afterEach(async () => {
  vi.restoreAllMocks();
  engine?.close();
  engine = undefined;
  await dropDatabase(database);
});

function random(seed: number): Float32Array<ArrayBuffer> {
  const next = xorshift32(seed * 7919 + 1);
  for (let i = 0; i < 20; i++) next();
  return unit(Float32Array.from({ length: DIMENSION }, () => next() / 2 ** 31 + next() / 2 ** 31 - 2));
}

function unit(vector: Float32Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
}

/** A photo of a person: its cosine with other photos of that person is about 0.7. */
function photoOf(person: number, photo: number): Float32Array<ArrayBuffer> {
  const [who, how] = [random(5000 + person), random(9000 + 100 * person + photo)];
  return unit(who.map((x, i) => Math.sqrt(0.7) * x + Math.sqrt(0.3) * (how[i] as number)));
}

const face = (person: number, photo: number): ReturnType<typeof testFace> =>
  testFace(0, {
    ...{ id: `p${person}-${photo}`, meta: `name-${person}`, modelId: MODEL, reliability: 1 },
    ...{ vector: photoOf(person, photo), timestamp: 1000 + person },
  });

/** The last two are one person under two names, and there is a face under a wrong one. */
const FACES = [
  ...Array.from({ length: PEOPLE * PHOTOS }, (_, i) => face(Math.floor(i / PHOTOS), i % PHOTOS)),
  ...[0, 1, 2].map((photo) => ({ ...face(3, 10 + photo), id: `again-${photo}`, meta: 'name-three' })),
  { ...face(5, 20), id: 'wrong', meta: 'name-9' },
  { ...face(0, 0), id: 'double' },
];

const request = (person: number, photo: number, limit = 5) => ({
  ...{ modelId: MODEL, probes: [photoOf(person, photo)], limit, minCosine: -1 },
});

const rounded = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) =>
      typeof inner === 'number' && !Number.isInteger(inner) ? Number(inner.toFixed(5)) : inner,
    ),
  );

/** All that is answered by vectors. */
async function answersOf(asked: GalleryEngine): Promise<unknown> {
  const people = { ...request(7, 50), probes: [photoOf(7, 50), photoOf(3, 51)], facesPerPerson: 3 };
  const level = (minCosine: number) => ({ minCosine });
  const levels = { unlike: level(0.4), alike: level(0.6), duplicate: level(0.95) };
  const [kinds, limit] = [['unlike', 'alike', 'duplicate'] as const, 100];
  return rounded({
    search: await asked.search('default', { ...request(1, 60), probes: [random(1), photoOf(2, 60)] }),
    exact: await asked.search('default', { ...request(4, 61), exact: true }),
    people: await asked.searchPeople('default', people),
    counted: await asked.countPeople({ modelId: MODEL, galleries: ['default'] }),
    audit: await asked.audit('default', { modelId: MODEL, kinds, levels, limit }),
    groups: await asked.cluster('default', { minCosine: 0.6, minSize: 2 }),
    recall: (await asked.stats('default', 10)).recall,
    own: await asked.calibrate('default', {
      ...{
        modelId: MODEL,
        calibration: TEST_CALIBRATION,
        faces: 200,
        seed: 1,
        falseMatchRate: 1e-3,
        pairs: 5,
      },
    }),
    known: await asked.entry.findPeople({
      ...{ modelId: MODEL, vector: photoOf(8, 52), reliability: 1, limit: 3, minCosine: 0.2 },
    }),
  });
}

/** What lies in the database as vectors; the search codes beside them are theirs. */
async function stored(sealer: Sealer): Promise<readonly Float32Array[]> {
  const rows = (await rawStore(database, 'vectors')) as readonly SegmentRow[];
  const { encode } = new Mirror({ kernel: await testKernel() });
  return rows.flatMap((row) => {
    const { seqs, dimension, vectors, codes } = segmentOf(sealer, row);
    expect(codes).toEqual(encode(vectors, dimension));
    return Array.from(seqs, (_, i) => vectors.slice(i * dimension, (i + 1) * dimension));
  });
}

async function sealerOf(passphrase = PASSPHRASE): Promise<Sealer> {
  const [keys] = await rawStore(database, 'keys');
  return (await Vault.unlock(database, keys as StoredKeys, passphrase)).sealer();
}

const meanCosine = (a: readonly Float32Array[], b: readonly Float32Array[]): number =>
  a.reduce((sum, vector, i) => sum + Math.abs(dot(vector, b[i] as Float32Array)), 0) / a.length;

test('what lies in an encrypted database is rotated, and answers as a plain one does', async () => {
  engine = await open();
  await engine.addFaces(FACES);
  const plain = await answersOf(engine);
  expect(plain).toMatchObject({ counted: PEOPLE + 1 });
  engine.close();
  await dropDatabase(database);
  engine = await open(PASSPHRASE);
  await engine.addFaces(FACES.slice(0, 300));
  await engine.addFaces(FACES.slice(300));
  expect(await answersOf(engine)).toEqual(plain);
  const given = FACES.map(({ vector }) => vector);
  const sealer = await sealerOf();
  const rows = await stored(sealer);
  expect(meanCosine(rows, given)).toBeLessThan(0.2);
  for (const [i, row] of rows.entries()) expectVector(rotatedBack(sealer.rotations, MODEL, row), given[i]);
  // As it is read again, in either precision.
  for (const more of [{}, { floatFaces: 100 }]) {
    engine.close();
    engine = await open(PASSPHRASE, more);
    if (!('floatFaces' in more)) expect(await answersOf(engine)).toEqual(plain);
    // Where bytes decide, too.
    const { groups } = await engine.cluster('default', { minCosine: 0.95, minSize: 2 });
    expect(groups.map(({ ids }) => ids)).toEqual([['p0-0', 'double']]);
    const levels = { unlike: { minCosine: -1 }, alike: { minCosine: 0.95 }, duplicate: { minCosine: 0.95 } };
    const kinds = ['alike', 'duplicate'] as const;
    const { findings } = await engine.audit('default', { modelId: MODEL, kinds, levels, limit: 9 });
    expect(findings.map(({ kind }) => kind)).toEqual(['duplicate']);
    const people = { ...request(7, 50, 1), facesPerPerson: 3 };
    const [[person] = []] = await engine.searchPeople('default', people);
    expect(person?.faces.map(({ record }) => record.meta)).toEqual(Array(3).fill('name-7'));
    expect(person?.count).toBe(PHOTOS);
    const hits = await engine.search('default', request(6, 62));
    expect(hits[0]?.slice(0, PHOTOS).map(({ record }) => record.meta)).toEqual(Array(PHOTOS).fill('name-6'));
    expectVector(await engine.getVector('default', 'p6-1'), photoOf(6, 1));
  }
});

test('renewed, it answers the same by other vectors, under the same passphrase and passkey', async () => {
  engine = await open(PASSPHRASE);
  await engine.addFaces(FACES);
  await engine.protection.addPasskey(PASSKEY, 'Front desk');
  const before = await answersOf(engine);
  const [keysBefore, old] = [await rawStore(database, 'keys'), await stored(await sealerOf())];
  const seen: number[] = [];
  const report = ({ done, total }: { done: number; total: number }): void => void seen.push(done / total);
  expect(await engine.renew({ report })).toEqual({ oldDeleted: true });
  expect([seen[0], seen.at(-1)]).toEqual([0, 1]);
  expect(await answersOf(engine)).toEqual(before);
  expectVector(await engine.getVector('default', 'p6-1'), photoOf(6, 1));
  await engine.addFaces([{ ...face(200, 0), id: 'late' }]);
  const [[hit] = []] = await engine.search('default', request(200, 0));
  expect(hit).toMatchObject({ record: { id: 'late' } });
  await engine.deleteFaces('default', ['late']);
  engine.close();
  for (const key of [PASSKEY, PASSPHRASE]) {
    engine = await open(key);
    expect(await answersOf(engine)).toEqual(before);
    engine.close();
  }
  const now = await stored(await sealerOf());
  expect(now).toHaveLength(old.length);
  expect(meanCosine(now, old)).toBeLessThan(0.2);
  const [was, is] = [keysBefore[0], (await rawStore(database, 'keys'))[0]] as [StoredKeys, StoredKeys];
  expect({ ...is, rotation: null }).toEqual({ ...was, rotation: null });
  // The rotation of before, put back, is refused: nothing can be read or written under it.
  const db = await openDB((await currentSlot(database)) as string);
  await db.put('keys', was, 'keys');
  db.close();
  await expect(open(PASSPHRASE)).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
});

test('new embeddings that wait beside the old ones are rotated too, and stay through it', async () => {
  engine = await open(PASSPHRASE);
  const faces = FACES.slice(0, 40);
  const added = await engine.addFaces(faces);
  const fresh = (i: number): Float32Array<ArrayBuffer> => random(70_000 + i);
  await engine.putRegenerated(
    'model-new',
    added.map(({ number }, i) => ({ seq: number, vector: fresh(i) })),
  );
  const waiting = async (): Promise<readonly Float32Array[]> => {
    const sealer = await sealerOf();
    const rows = (await rawStore(database, 'regenerated')) as readonly {
      readonly bytes: Uint8Array<ArrayBuffer>;
    }[];
    return rows.map(({ bytes }) => new Float32Array(sealer.open(bytes).slice().buffer));
  };
  const before = await waiting();
  expect(
    meanCosine(
      before,
      added.map((_, i) => fresh(i)),
    ),
  ).toBeLessThan(0.2);
  await engine.renew();
  expect(meanCosine(await waiting(), before)).toBeLessThan(0.2);
  expect(await engine.swapRegenerated('model-new', 'keep')).toEqual({ swapped: 40, deleted: 0 });
  expectVector(await engine.getVector('default', added[7]?.id as string), fresh(7));
  const [[hit] = []] = await engine.search('default', {
    ...request(0, 0),
    modelId: 'model-new',
    probes: [fresh(9)],
  });
  expect(hit?.record.id).toBe(added[9]?.id);
});

/** Keys as earlier versions have made them. */
async function withoutRotation(): Promise<void> {
  const old = await vaultOfBefore(database, PASSPHRASE);
  vi.spyOn(Vault, 'create').mockReturnValueOnce(old);
}

test('what an earlier version has encrypted is not rotated until it is renewed or given new keys', async () => {
  for (const renew of [
    (each: GalleryEngine) => each.renew(),
    (each: GalleryEngine) => each.changePassphrase(PASSPHRASE, PASSPHRASE, true),
  ]) {
    await withoutRotation();
    engine = await open(PASSPHRASE);
    const faces = FACES.slice(0, 60);
    await engine.addFaces(faces);
    const given = faces.map(({ vector }) => vector);
    engine.close();
    engine = await open(PASSPHRASE);
    expect((await stored(await sealerOf()))[9]).toEqual(given[9]);
    expect(await engine.getVector('default', 'p6-1')).toEqual(photoOf(6, 1));
    await renew(engine);
    expect(meanCosine(await stored(await sealerOf()), given)).toBeLessThan(0.2);
    const [[hit] = []] = await engine.search('default', request(6, 1));
    expect(hit?.record.id).toBe('p6-1');
    engine.close();
    await dropDatabase(database);
  }
});

test('what is searched, enrolled and read while it is renewed is right', async () => {
  engine = await open(PASSPHRASE);
  await engine.addFaces(FACES);
  const working = engine;
  let [isOver, searches] = [false, 0];
  const search = async (): Promise<void> => {
    for (let i = 0; !isOver; i = (i + 1) % PEOPLE) {
      const [hits = []] = await working.search('default', request(i, 1, 1));
      expect(hits[0]?.record.id).toBe(`p${i}-1`);
      expect(hits[0]?.cosine).toBeCloseTo(1, 5);
      const [found = []] = await working.searchPeople('default', { ...request(i, 2, 1), facesPerPerson: 1 });
      expect(found[0]?.faces[0]?.record.id).toBe(`p${i}-2`);
      expectVector(await working.getVector('default', `p${i}-3`), photoOf(i, 3));
      searches++;
    }
  };
  const enrol = async (): Promise<void> => {
    for (let i = 0; !isOver; i++) {
      await working.addFaces([{ ...face(300 + i, 0), id: `late-${i}` }]);
      const rule = { minCosine: 0.5, global: true };
      const [record] = await working.entry.addFacesOfPeople(
        [{ ...face(300 + i, 1), id: `later-${i}` }],
        rule,
      );
      const person = record?.personId;
      expect((await working.getFace('default', `late-${i}`)).personId).toBe(person);
      expectVector(await working.getVector('default', `late-${i}`), photoOf(300 + i, 0));
    }
  };
  const others = [search(), enrol()];
  for (let i = 0; i < 3; i++) await working.renew();
  isOver = true;
  await Promise.all(others);
  expect(searches).toBeGreaterThan(3);
});

test('another page that has it open is told, and opens it anew', async () => {
  engine = await open(PASSPHRASE);
  await engine.addFaces(FACES.slice(0, 40));
  const other = await open(PASSPHRASE);
  await engine.renew();
  await expect
    .poll(() =>
      other.search('default', request(6, 1)).then(
        () => 'open',
        (error: Error) => error.message,
      ),
    )
    .toContain('another page has encrypted or renewed it');
  await expect(other.addFaces([face(300, 0)])).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  other.close();
  const again = await open(PASSPHRASE);
  await again.addFaces([face(301, 0)]);
  for (const each of [again, engine]) {
    const [[hit] = []] = await each.search('default', request(301, 0));
    expect(hit?.record.id).toBe('p301-0');
  }
  again.close();
});

test('an export is not rotated, and what comes of it is known again', async () => {
  engine = await open(PASSPHRASE);
  await engine.addFaces(FACES.slice(0, 40));
  const file = await engine.transfer.exportGallery('default', { format: 'archive', pictures: true });
  await engine.renew();
  const back = { ids: 'skip', duplicates: 'add', modelId: MODEL } as const;
  expect(await engine.transfer.importGallery('default', file, back)).toEqual({ imported: 0, skipped: 40 });
  engine.close();
  await dropDatabase(database);
  engine = await open();
  await engine.transfer.importGallery('default', file, back);
  expectVector(await engine.getVector('default', 'p6-1'), photoOf(6, 1));
  expect(await engine.transfer.importGallery('default', file, back)).toEqual({ imported: 0, skipped: 40 });
});

test('what is not encrypted has nothing to renew, and an aborted renewal changes nothing', async () => {
  engine = await open();
  await engine.addFaces(FACES.slice(0, 40));
  await expect(engine.renew()).rejects.toMatchObject({ code: 'BAD_PARAM' });
  await engine.encrypt(PASSPHRASE);
  const before = await stored(await sealerOf());
  const controller = new AbortController();
  const report = ({ done }: { done: number }): void => {
    if (done > 0) controller.abort();
  };
  const renewing = engine.renew({ signal: controller.signal, report });
  await expect(renewing).rejects.toMatchObject({ code: 'ABORTED' });
  expect(await stored(await sealerOf())).toEqual(before);
  await engine.addFaces([face(300, 0)]);
  const [[hit] = []] = await engine.search('default', request(300, 0));
  expect(hit?.record.id).toBe('p300-0');
});

test('new keys, another passphrase or a passkey that come with a renewal leave the database openable', async () => {
  engine = await open(PASSPHRASE);
  await engine.addFaces(FACES.slice(0, 40));
  const working = engine;
  const outcomes = await Promise.allSettled([
    working.renew(),
    working.changePassphrase(PASSPHRASE, ANOTHER, true),
    working.renew(),
    working.changePassphrase(PASSPHRASE, ANOTHER, false),
    working.protection.addPasskey(PASSKEY, 'Front desk'),
    working.renew(),
  ]);
  for (const outcome of outcomes)
    if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'LOCKED' });
  expect(outcomes.some(({ status }) => status === 'fulfilled')).toBe(true);
  await working.addFaces([face(300, 0)]);
  engine.close();
  engine = await open(ANOTHER).catch(() => open(PASSPHRASE));
  for (const person of [6, 300]) {
    const [[hit] = []] = await engine.search('default', request(person, 0));
    expect(hit?.record.id).toBe(`p${person}-0`);
  }
});

test(
  'a page that dies at any moment of a renewal leaves the old database whole, or the new one',
  { tags: 'long', timeout: 240_000 },
  async () => {
    let ended = 0;
    for (let allowed = 0; ended === 0; allowed++) {
      engine?.close();
      engine = undefined;
      await dropDatabase(database);
      const dying = await open(PASSPHRASE);
      await dying.addFaces(FACES.slice(0, 40));
      const die = dyingAfter(allowed);
      const died = await dying.renew().then(
        () => false,
        () => true,
      );
      die.mockRestore();
      dying.close();
      engine = await open(PASSPHRASE);
      const there = new Set((await indexedDB.databases()).map(({ name }) => name));
      expect(slotsOf(database).filter((slot) => there.has(slot))).toHaveLength(1);
      const [[hit] = []] = await engine.search('default', request(6, 1));
      expect(hit?.record.id).toBe('p6-1');
      for (const { id, vector } of FACES.slice(0, 40))
        expectVector(await engine.getVector('default', id as string), vector);
      await engine.addFaces([face(300, 0)]);
      if (!died) ended = allowed;
    }
    expect(ended).toBeGreaterThan(10);
  },
);
