/** People, cameras and sightings of which rows are damaged: the rest can be used, and clearing mends the counts. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { GalleryEngine } from './gallery-engine.ts';
import type { CameraRow, PersonRow, SightingRow, StepRow, StoreName } from './indexeddb/schema.ts';
import { damageStored } from './test-damage.ts';
import { dropDatabase, openEngine, rawStore, testDatabase, testFace } from './test-gallery.ts';

let database: string;
let engine: GalleryEngine;

beforeEach(() => {
  database = testDatabase();
});

afterEach(async () => {
  engine.close();
  await dropDatabase(database);
});

type Row = CameraRow | PersonRow | SightingRow | StepRow;

/** Changes a byte of what is sealed, or takes the value out of a plain row. */
function spoil<One extends Row>({ value: _, sealed, ...keys }: One): object {
  return sealed ? { ...keys, sealed: sealed.map((byte, i) => (i === 20 ? byte ^ 1 : byte)) } : keys;
}

async function spoilFirst(...stores: readonly StoreName[]): Promise<void> {
  for (const store of stores) await damageStored<Row>(database, store, undefined, spoil);
}

for (const passphrase of [undefined, 'correct horse battery'])
  test(`damaged rows are passed over and cleared away${passphrase === undefined ? '' : ', encrypted'}`, async () => {
    engine = await openEngine(database, passphrase);
    await engine.addFaces([1, 2, 3].map((i) => testFace(i, { personId: `p${i}`, meta: `m${i}` })));
    const { people, entry } = engine;
    await people.createCamera({ id: 'a' });
    await people.createCamera({ id: 'b' });
    const pictures = { crop: new Blob(['a crop'], { type: 'image/webp' }) };
    await entry.addSightings(
      [1, 2, 3, 4].map((i) => ({ id: `s${i}`, timeMs: i, personId: i < 3 ? 'p1' : 'p2', pictures })),
    );
    await people.notSame('p2', 'p3');
    engine.close();
    await spoilFirst('persons', 'cameras', 'sightings', 'peopleSteps');
    engine = await openEngine(database, passphrase);
    const there = engine.people;
    expect((await there.listPeople({ limit: 9 })).people.map(({ id }) => id)).toEqual(['p2', 'p3']);
    expect(await there.listCameras()).toHaveLength(1);
    const told = await there.searchSightings({ limit: 9 });
    expect(told.sightings.map(({ id, meta }) => [id, meta])).toEqual([
      ['s4', 'm2'],
      ['s3', 'm2'],
      ['s2', ''],
    ]);
    expect(await there.undoPeople()).toBeNull();
    // Whoever is made in the place of one that cannot be read is made once.
    await engine.addFaces([4].map((i) => testFace(i, { personId: 'p1', meta: 'm1' })));
    await engine.addFaces([5].map((i) => testFace(i, { personId: 'p1', meta: 'm1' })));
    expect((await there.listPeople({ limit: 9 })).people.map(({ number }) => number)).toEqual([2, 3, 4]);
    expect(await engine.clearDamaged()).toEqual({ faces: 0, galleries: 0 });
    const { people: after } = await there.listPeople({ limit: 9 });
    expect(after.map(({ id, number, meta, faces }) => [id, number, meta, faces])).toEqual([
      ['p2', 2, 'm2', 1],
      ['p3', 3, 'm3', 1],
      ['p1', 4, 'm1', 3],
    ]);
    expect((await engine.usage()).people).toMatchObject({ people: 3, cameras: 1, sightings: 3 });
    expect(await rawStore(database, 'sightings')).toHaveLength(3);
    expect(await rawStore(database, 'sightingPictures')).toHaveLength(3);
    expect(await rawStore(database, 'peopleSteps')).toHaveLength(0);
    for (const { id } of after) await there.deletePerson(id);
    const [camera] = await there.listCameras();
    await there.deleteCamera(camera?.id as string);
    await there.deleteSightings(['s2', 's3', 's4']);
    expect((await engine.usage()).people).toEqual({ people: 0, cameras: 0, sightings: 0, bytes: 0 });
  });

test('a picture of a sighting that is damaged is told, and the sighting stays', async () => {
  engine = await openEngine(database, 'correct horse battery');
  const pictures = { crop: new Blob(['a crop'], { type: 'image/webp' }) };
  await engine.entry.addSightings([{ id: 's', timeMs: 1, pictures }]);
  await damageStored<{ bytes: ArrayBuffer }>(database, 'sightingPictures', undefined, (row) => ({
    ...row,
    bytes: row.bytes.slice(1),
  }));
  await expect(engine.people.sightingPicture('s', 'crop')).rejects.toMatchObject({ code: 'STORAGE_FAILED' });
  expect((await engine.people.searchSightings({ limit: 1 })).sightings).toHaveLength(1);
});
