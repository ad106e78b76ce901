/** Law: galleries are Maps, across any run of operations, of several pages and with reopenings where the database is kept. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf } from '../stored.ts';
import { type Command, commands } from './test-arbitraries.ts';
import { apply, vectorOf } from './test-commands.ts';
import { storedFaces } from './test-dump.ts';
import { expectVector } from '../test-vector.ts';
import { expectInStep } from './test-in-step.ts';
import { dimensionOf, GalleryModel, type ModelFace } from './test-model.ts';
import { type Opened, openPlace, type Place, type Subject } from './test-subject.ts';

export function mapLaw(subject: Subject): void {
  test('galleries are Maps, across any run of operations', { timeout: 90_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(commands(subject.crowd), (run) => holdsFor(subject, run)),
      { numRuns: subject.runs, interruptAfterTimeLimit: 30_000, markInterruptAsFailure: false },
    );
  });
}

async function holdsFor(subject: Subject, run: readonly Command[]): Promise<void> {
  const place = subject.place();
  const model = new GalleryModel(subject.crowd + 10);
  const open = (): Promise<Opened> => openPlace(subject, place);
  const pages = [await open(), ...(place.isKept ? [await open()] : [])];
  try {
    await apply((pages[0] as Opened).database, model, { kind: 'create', gallery: 'a' });
    for (const [i, command] of run.entries()) {
      const page = i % 3 === 0 ? pages.length - 1 : 0;
      if (command.kind !== 'reopen') await apply((pages[page] as Opened).database, model, command);
      else if (place.isKept) {
        pages[page]?.close();
        pages[page] = await open();
      }
    }
    for (const page of pages) await expectSame(page, model, place);
    if (!place.isKept) return;
    pages[0]?.close();
    pages[0] = await open();
    await expectSame(pages[0], model, place);
  } finally {
    for (const page of pages) page.close();
    await place.drop();
  }
}

async function expectSame(opened: Opened, model: GalleryModel, place: Place): Promise<void> {
  const { database } = opened;
  const galleries = await database.listGalleries();
  expect(galleries.map(({ name, capacity, count, modelId }) => [name, capacity, count, modelId])).toEqual(
    [...model.galleries]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, capacity]) => [name, capacity, model.in(name).length, model.modelOf(name)]),
  );
  for (const { name, bytes } of galleries) {
    const faces = await storedFaces(database, name);
    expect(bytes).toEqual(bytesOf(faces));
    expect(faces.map(factsOf)).toEqual(model.in(name).map(factsOf));
    await expectMetas(opened, model, name);
  }
  await expectUsage(opened, model);
  await expectBelongings(opened, model.seen);
  await expectInStep(opened);
  await place.inspect?.(model.seen.map(({ id, hasCrop }) => ({ id, pictures: hasCrop ? ['crop'] : [] })));
}

interface Facts extends Pick<ModelFace, 'id' | 'meta' | 'galleries' | 'modelId'> {
  readonly personId?: string | undefined;
  readonly expiresAt?: number | undefined;
}

function factsOf({ id, meta, personId, galleries, modelId, expiresAt }: Facts): unknown {
  return [id, meta, personId, galleries, modelId, expiresAt];
}

async function expectMetas({ database }: Opened, model: GalleryModel, name: string): Promise<void> {
  const there = model.in(name);
  const metas = [...new Set(there.map(({ meta }) => meta))].toSorted();
  const counted = await database.listMetas(name);
  expect(counted.map(({ meta, count, face }) => [meta, count, face.id])).toEqual(
    metas.map((meta) => {
      const some = there.filter((face) => face.meta === meta);
      return [meta, some.length, some[0]?.id];
    }),
  );
}

async function expectUsage({ database }: Opened, { seen }: GalleryModel): Promise<void> {
  const usage = await database.usage();
  const vectors = seen.reduce((sum, { modelId }) => sum + 4 * dimensionOf(modelId), 0);
  const galleries = await database.listGalleries();
  const listed = await Promise.all(galleries.map(({ name }) => storedFaces(database, name)));
  const faces = new Map(listed.flat().map((face) => [face.seq, face]));
  expect([usage.faces, usage.bytes]).toEqual([seen.length, { ...bytesOf([...faces.values()]), vectors }]);
  const models = [...(await database.describeGallery('default')).models].map(
    ([modelId, { dimension, faces: count }]) => [modelId, dimension, count],
  );
  const expected = new Map<string, number>();
  for (const { modelId } of seen) expected.set(modelId, (expected.get(modelId) ?? 0) + 1);
  expect(models.toSorted()).toEqual(
    Array.from(expected, ([modelId, count]) => [modelId, dimensionOf(modelId), count]).toSorted(),
  );
}

/** Vectors and pictures of a sample. */
async function expectBelongings(opened: Opened, seen: readonly ModelFace[]): Promise<void> {
  const { database } = opened;
  for (const face of seen.filter((_, i) => i % Math.ceil(seen.length / 6) === 0)) {
    const [home] = face.galleries as readonly [string];
    expectVector(await database.readVector(home, face.id), vectorOf(face), opened);
    const crop = await database.readPicture(home, face.id, 'crop');
    expect(await crop?.text()).toBe(face.hasCrop ? `crop of ${face.cropSeed}` : undefined);
  }
}
