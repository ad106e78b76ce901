import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DatabaseKey } from '../core/database-key.ts';
import type { GalleryEngine } from './gallery-engine.ts';
import { expectVector } from './test-vector.ts';
import {
  dropDatabase,
  openEngine,
  openEngineWith,
  rawDatabase,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from './test-gallery.ts';

const PASSPHRASE = 'correct horse battery';
const PICTURE = 'the bytes of a picture';

let database: string;
let engine: GalleryEngine;

async function open(key?: DatabaseKey): Promise<GalleryEngine> {
  return openEngineWith({ database, kernel: await testKernel(), ...(key !== undefined && { key }) });
}

beforeEach(() => {
  database = testDatabase();
});

afterEach(async () => {
  engine.close();
  await dropDatabase(database);
});

const secrets = (seed: number) =>
  testFace(seed, {
    id: `secret-id-${seed}`,
    meta: `Secret Name ${seed}`,
    galleries: ['default', 'secret-gallery'],
    personId: `secret-person-${seed}`,
    cameraId: 'secret-camera',
    photoHash: 'secret-hash',
    sourceUrl: 'https://secret.example/',
    extra: { secret: ['a secret'] },
    pictures: { crop: new Blob([PICTURE], { type: 'image/webp' }) },
  });

/** Everything in the database as bytes and texts, whatever it is nested in. */
function* parts(value: unknown): Generator<Uint8Array | string> {
  if (typeof value === 'string') yield value;
  else if (value instanceof ArrayBuffer) yield new Uint8Array(value);
  else if (ArrayBuffer.isView(value)) yield new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  else if (value instanceof Map) yield* parts([...value]);
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) {
      yield key;
      yield* parts(inner);
    }
}

function contains(haystack: Uint8Array, needle: Uint8Array): boolean {
  const text = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return text(haystack).includes(text(needle));
}

async function leaks(): Promise<string[]> {
  const found: string[] = [];
  const vector = new Uint8Array(testVector(1).buffer).slice(0, 8);
  const plain = new TextEncoder();
  for (const part of parts(await rawDatabase(database))) {
    if (typeof part === 'string') {
      if (/secret/i.test(part)) found.push(part);
      continue;
    }
    for (const text of ['ecret', PICTURE]) if (contains(part, plain.encode(text))) found.push(text);
    if (contains(part, vector)) found.push('a vector');
  }
  return found;
}

async function fill(): Promise<void> {
  await engine.createGallery('secret-gallery', 100, 'Secret Label');
  await engine.addFaces([1, 2, 3].map(secrets));
  await fillPeople();
}

const box = { left: 1, top: 2, width: 3, height: 4 };
const camera = { id: 'secret-camera', meta: 'Secret Door', url: 'https://secret/', rot: box };

async function fillPeople(): Promise<void> {
  const { people, entry } = engine;
  await people.createCamera(camera);
  const seen = { cameraId: 'secret-camera', trackId: 'secret-track', meta: 'Secret Remark', box };
  const pictures = { crop: new Blob([PICTURE], { type: 'image/webp' }) };
  await entry.addSightings([{ id: 'secret-sighting', timeMs: 5, faceId: 'secret-id-1', ...seen, pictures }]);
  await people.renamePerson('secret-person-2', 'Secret Name 2');
  await people.notSame('secret-id-3', 'secret-person-2');
  await people.mergePeople('secret-person-1', ['secret-person-3']);
}

async function expectAllThere(): Promise<void> {
  const search = { modelId: 'model-8', probes: [testVector(2)], limit: 1, minCosine: 0.9 };
  const [[hit] = []] = await engine.search('secret-gallery', search);
  expect(hit?.record).toMatchObject({
    id: 'secret-id-2',
    meta: 'Secret Name 2',
    personId: 'secret-person-2',
    sourceUrl: 'https://secret.example/',
    extra: { secret: ['a secret'] },
  });
  expectVector(await engine.getVector('default', 'secret-id-1'), testVector(1));
  const crop = await engine.getPicture('default', 'secret-id-3', 'crop');
  expect(await crop?.text()).toBe(PICTURE);
  expect((await engine.metas('default')).map(({ meta }) => meta)).toEqual(
    // The third is of the first person, and called as it is.
    [1, 2].map((seed) => `Secret Name ${seed}`),
  );
  const page = await engine.listFaces('default', { limit: 10, meta: 'Secret Name 2' });
  expect(page.records.map(({ id }) => id)).toEqual(['secret-id-2']);
  expect(
    (await engine.listFaces('default', { limit: 10, personId: 'secret-person-2' })).records,
  ).toHaveLength(1);
  expect(await engine.listGalleries()).toMatchObject([
    { name: 'default' },
    { name: 'secret-gallery', label: 'Secret Label', capacity: 100 },
  ]);
  const { people } = engine;
  expect(await people.listCameras()).toEqual([camera]);
  const { sightings } = await people.searchSightings({ limit: 9, personId: 'secret-person-1' });
  expect(sightings).toMatchObject([
    { id: 'secret-sighting', faceId: 'secret-id-1', meta: 'Secret Remark', box },
  ]);
  expect(await (await people.sightingPicture('secret-sighting', 'crop'))?.text()).toBe(PICTURE);
  expect(await people.getPerson('secret-person-1')).toMatchObject({ number: 1, faces: 2, sightings: 1 });
  expect(await people.undoPeople()).toMatchObject({ what: 'merge', faces: 1 });
  await people.mergePeople('secret-person-1', ['secret-person-3']);
}

test('nothing readable lies in an encrypted database, and everything is found in it', async () => {
  engine = await open(PASSPHRASE);
  await fill();
  expect(await leaks()).toEqual([]);
  await expectAllThere();
  engine.close();
  engine = await open(PASSPHRASE);
  await expectAllThere();
  expect((await engine.usage()).encrypted).toBe(true);
});

test('the test for leaks finds them in a plain database', async () => {
  engine = await openEngine(database);
  await fill();
  expect(new Set(await leaks())).toContain('a vector');
  expect(new Set(await leaks())).toContain(PICTURE);
});

test('a plain database is encrypted whole', async () => {
  engine = await openEngine(database);
  await fill();
  await engine.protection.encrypt(PASSPHRASE);
  expect(await leaks()).toEqual([]);
  await expectAllThere();
  await engine.addFaces([secrets(4)]);
  await engine.deleteFaces('default', ['secret-id-4']);
  await engine.deleteFaces('secret-gallery', ['secret-id-4']);
  await expect(engine.protection.encrypt(PASSPHRASE)).rejects.toMatchObject({ code: 'LOCKED' });
  engine.close();
  engine = await open(PASSPHRASE);
  await expectAllThere();
});

test('a wrong passphrase, or none, is LOCKED and changes nothing; another one replaces it', async () => {
  engine = await open(PASSPHRASE);
  await fill();
  const before = await rawDatabase(database);
  for (const wrong of ['wrong horse battery', undefined])
    await expect(open(wrong)).rejects.toMatchObject({ code: 'LOCKED', details: { database } });
  await expect(
    engine.protection.changePassphrase('wrong horse battery', 'another one'),
  ).rejects.toMatchObject({
    code: 'LOCKED',
  });
  expect(await rawDatabase(database)).toEqual(before);
  await engine.protection.changePassphrase(PASSPHRASE, 'another one');
  engine.close();
  await expect(open(PASSPHRASE)).rejects.toMatchObject({ code: 'LOCKED' });
  engine = await open('another one');
  await expectAllThere();
});

const PASSKEY = { id: 'passkey-1', secret: 'ab'.repeat(32) };

test('a passkey opens the database beside its passphrase, until it is removed or the keys are new', async () => {
  engine = await open(PASSPHRASE);
  await fill();
  expect(await engine.protection.addPasskey(PASSKEY, 'Front desk')).toMatchObject({
    id: 'passkey-1',
    name: 'Front desk',
  });
  engine.close();
  await expect(open({ ...PASSKEY, secret: 'cd'.repeat(32) })).rejects.toMatchObject({ code: 'LOCKED' });
  await expect(open({ ...PASSKEY, id: 'passkey-2' })).rejects.toMatchObject({ code: 'LOCKED' });
  await expect(open(PASSKEY.secret)).rejects.toMatchObject({ code: 'LOCKED' });
  engine = await open(PASSKEY);
  await expectAllThere();
  // Another passphrase leaves it as it is.
  await engine.changePassphrase(PASSPHRASE, 'another passphrase', false);
  engine.close();
  engine = await open(PASSKEY);
  expect(await leaks()).toEqual([]);
  await expect(engine.protection.removePasskey('passkey-2')).rejects.toMatchObject({ code: 'BAD_PARAM' });
  expect((await engine.protection.listPasskeys()).map(({ id }) => id)).toEqual(['passkey-1']);
  await engine.protection.removePasskey('passkey-1');
  expect(await engine.protection.listPasskeys()).toEqual([]);
  engine.close();
  await expect(open(PASSKEY)).rejects.toMatchObject({ code: 'LOCKED' });
  engine = await open('another passphrase');
  await engine.protection.addPasskey(PASSKEY, 'Front desk');
  await engine.changePassphrase('another passphrase', PASSPHRASE, true);
  expect(await engine.protection.listPasskeys()).toEqual([]);
  engine.close();
  await expect(open(PASSKEY)).rejects.toMatchObject({ code: 'LOCKED' });
  engine = await open(PASSPHRASE);
  await expectAllThere();
});

test('a passkey encrypts nothing: a plain database takes none, and stays plain', async () => {
  engine = await open();
  await expect(engine.protection.addPasskey(PASSKEY, 'Front desk')).rejects.toMatchObject({
    code: 'BAD_PARAM',
  });
  expect(await engine.protection.listPasskeys()).toEqual([]);
  engine.close();
  await expect(open(PASSKEY)).rejects.toMatchObject({ code: 'BAD_PARAM' });
  engine = await open();
  expect((await engine.usage()).encrypted).toBe(false);
});

test('what is begun while everything is encrypted with new keys leaves the database openable', async () => {
  engine = await open(PASSPHRASE);
  await fill();
  const others: Promise<unknown>[] = [];
  // In the midst of it, while the old passphrase counts still.
  const report = (): void => {
    if (others.length > 0) return;
    others.push(engine.changePassphrase(PASSPHRASE, 'a third passphrase', false));
    others.push(engine.protection.addPasskey(PASSKEY, 'Front desk'));
  };
  const moved = await engine.changePassphrase(PASSPHRASE, 'a newer passphrase', true, { report });
  expect(moved).toMatchObject({ rekeyed: true });
  expect(others).toHaveLength(2);
  for (const outcome of await Promise.allSettled(others))
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'LOCKED' } });
  engine.close();
  await expect(open(PASSKEY)).rejects.toMatchObject({ code: 'LOCKED' });
  engine = await open('a newer passphrase');
  await expectAllThere();
});

test('a page that holds the plain database open is told when another encrypts it', async () => {
  engine = await openEngine(database);
  await fill();
  const other = await openEngine(database);
  await other.protection.encrypt(PASSPHRASE);
  await expect
    .poll(() =>
      engine.count('default').then(
        () => 'open',
        (error: Error) => error.message,
      ),
    )
    .toContain('another page has encrypted or renewed it');
  other.close();
});

test('only an encrypted database has a passphrase to change', async () => {
  engine = await openEngine(database);
  await expect(engine.protection.changePassphrase(PASSPHRASE, 'another one')).rejects.toMatchObject({
    code: 'BAD_PARAM',
  });
});

test('of somebody who is deleted nothing is left in the raw database', async () => {
  engine = await openEngine(database);
  await fill();
  const text = async (): Promise<string> => [...parts(await rawDatabase(database))].join('\n');
  // The journal knows the one that was merged into it, and the pair that face 3 is in.
  expect(await text()).toMatch(/secret-person-3[^]*secret-person-1|secret-person-1[^]*secret-person-3/);
  await engine.people.deletePerson('secret-person-1');
  const left = await text();
  for (const gone of [
    'secret-person-1',
    'secret-person-3',
    'secret-id-1',
    'secret-id-3',
    'secret-sighting',
    'Remark',
  ])
    expect(left).not.toContain(gone);
  for (const name of ['Secret Name 1', 'Secret Name 3']) expect(left).not.toContain(name);
  expect(left).toContain('secret-person-2');
});

test('erasing leaves an encrypted database empty, and encrypted', async () => {
  engine = await open(PASSPHRASE);
  await fill();
  await engine.eraseAll();
  expect(await engine.listGalleries()).toMatchObject([{ name: 'default', count: 0 }]);
  await engine.addFaces([testFace(1)]);
  engine.close();
  await expect(open()).rejects.toMatchObject({ code: 'LOCKED' });
  engine = await open(PASSPHRASE);
  expect(await engine.count('default')).toBe(1);
});
