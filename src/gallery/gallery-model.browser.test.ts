/** Law: a gallery is a Map, across any run of operations with reopenings in between. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NearFaceError } from '../core/errors.ts';
import { scalarSearch } from '../search/scalar.ts';
import type { GalleryEngine } from './gallery-engine.ts';
import { facesOf } from './indexeddb/records.ts';
import { keysOf } from './face-keys.ts';
import { type RecordBlock, SEGMENT_ROWS, type StoredSegment } from './indexeddb/schema.ts';
import { PLAIN } from './indexeddb/sealer.ts';
import { galleriesOf } from './indexeddb/segment-rows.ts';
import {
  dropDatabase,
  openEngineWith,
  rawStore,
  testDatabase,
  testFace,
  testKernel,
  testVector,
} from './test-gallery.ts';
import type { StoredFace } from './stored.ts';
import { hashesOf } from './face-rows.ts';

const GALLERIES = ['default', 'a', 'b'] as const;
const CAPACITY = 400;

interface ModelFace {
  readonly seed: number;
  meta: string;
  galleries: Set<string>;
  readonly modelId: string;
  readonly crop: boolean;
}

type Outcome = 'ok' | NearFaceError['code'];

type Command =
  | { readonly kind: 'create' | 'delete-gallery'; readonly gallery: string }
  | {
      readonly kind: 'add';
      readonly galleries: readonly string[];
      readonly count: number;
      readonly dimension: number;
      readonly crop: boolean;
    }
  | { readonly kind: 'delete'; readonly gallery: string; readonly picks: readonly number[] }
  | {
      readonly kind: 'update';
      readonly gallery: string;
      readonly pick: number;
      readonly meta: string;
      readonly set: readonly string[];
    }
  | { readonly kind: 'reopen' };

const gallery = fc.constantFrom(...GALLERIES);
const galleries = fc.uniqueArray(gallery, { minLength: 1 });
const pick = fc.nat(999);
const add = fc.record({
  kind: fc.constant('add' as const),
  galleries,
  count: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(1, 2, 5) },
    { weight: 1, arbitrary: fc.constant(300) },
  ),
  dimension: fc.oneof({ weight: 5, arbitrary: fc.constant(8) }, { weight: 1, arbitrary: fc.constant(5) }),
  crop: fc.boolean(),
});
const remove = fc.record({
  kind: fc.constant('delete' as const),
  gallery,
  picks: fc.oneof(
    fc.array(pick, { minLength: 1, maxLength: 4 }),
    fc.constant(Array.from({ length: 500 }, (_, i) => i)),
  ),
});
const update = fc.record({
  kind: fc.constant('update' as const),
  gallery,
  pick,
  meta: fc.constantFrom('', 'Sam', 'sam', 'Ünï 𝕊', 'x'.repeat(1024)),
  set: fc.uniqueArray(gallery),
});
const manage = fc.record({ kind: fc.constantFrom('create' as const, 'delete-gallery' as const), gallery });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: add },
  { weight: 3, arbitrary: remove },
  { weight: 2, arbitrary: update },
  { weight: 2, arbitrary: manage },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
);

/** What the galleries should be. */
class Model {
  readonly faces = new Map<string, ModelFace>();
  readonly galleries = new Map<string, number | null>([['default', null]]);
  #nextSeed = 1;

  in(name: string): [string, ModelFace][] {
    return [...this.faces].filter(([, face]) => face.galleries.has(name));
  }

  modelOf(name: string): string | null {
    return this.in(name)[0]?.[1].modelId ?? null;
  }

  seeds(count: number): number[] {
    return Array.from({ length: count }, () => this.#nextSeed++);
  }

  /** Why `count` faces of a model cannot enter a gallery. */
  refuses(name: string, modelId: string, count: number): Outcome {
    const capacity = this.galleries.get(name);
    if (capacity === undefined) return 'GALLERY_NOT_FOUND';
    if ((this.modelOf(name) ?? modelId) !== modelId) return 'MODEL_MISMATCH';
    return capacity !== null && this.in(name).length + count > capacity ? 'GALLERY_FULL' : 'ok';
  }

  leave(id: string, name: string): void {
    const face = this.faces.get(id);
    face?.galleries.delete(name);
    if (face?.galleries.size === 0) this.faces.delete(id);
  }
}

const outcome = (call: Promise<unknown>): Promise<Outcome> =>
  call.then(
    () => 'ok' as const,
    (error: NearFaceError) => error.code ?? String(error),
  );

const firstRefusal = (outcomes: readonly Outcome[]): Outcome =>
  outcomes.find((code) => code !== 'ok') ?? 'ok';

async function apply(
  engine: GalleryEngine,
  model: Model,
  step: Exclude<Command, { kind: 'reopen' }>,
): Promise<void> {
  switch (step.kind) {
    case 'create': {
      const capacity = step.gallery === 'a' ? CAPACITY : null;
      const expected = model.galleries.has(step.gallery) ? 'GALLERY_EXISTS' : 'ok';
      expect(await outcome(engine.createGallery(step.gallery, capacity))).toBe(expected);
      if (expected === 'ok') model.galleries.set(step.gallery, capacity);
      return;
    }
    case 'delete-gallery': {
      const found = model.galleries.has(step.gallery) ? 'ok' : 'GALLERY_NOT_FOUND';
      const expected = step.gallery === 'default' ? 'BAD_PARAM' : found;
      expect(await outcome(engine.deleteGallery(step.gallery))).toBe(expected);
      if (expected !== 'ok') return;
      for (const [id] of model.in(step.gallery)) model.leave(id, step.gallery);
      model.galleries.delete(step.gallery);
      return;
    }
    case 'add': {
      const modelId = `model-${step.dimension}`;
      const expected = firstRefusal(step.galleries.map((name) => model.refuses(name, modelId, step.count)));
      const seeds = model.seeds(step.count);
      const pictures = step.crop ? { crop: new Blob([`crop of ${seeds[0]}`]) } : {};
      const faces = seeds.map((seed) =>
        testFace(seed, {
          meta: `m${seed % 7}`,
          galleries: step.galleries,
          modelId,
          vector: testVector(seed, step.dimension),
          pictures,
        }),
      );
      expect(await outcome(engine.addFaces(faces))).toBe(expected);
      if (expected !== 'ok') return;
      for (const seed of seeds)
        model.faces.set(`face-${seed}`, {
          seed,
          meta: `m${seed % 7}`,
          galleries: new Set(step.galleries),
          modelId,
          crop: step.crop,
        });
      return;
    }
    case 'delete': {
      const there = model.in(step.gallery);
      const ids = step.picks.map((n) => there[n % Math.max(1, there.length)]?.[0] ?? 'nobody');
      const missing = there.length === 0 ? 'FACE_NOT_FOUND' : 'ok';
      const expected = model.galleries.has(step.gallery) ? missing : 'GALLERY_NOT_FOUND';
      expect(await outcome(engine.deleteFaces(step.gallery, ids))).toBe(expected);
      if (expected === 'ok') for (const id of ids) model.leave(id, step.gallery);
      return;
    }
    case 'update': {
      const there = model.in(step.gallery);
      const [id, face] = there[step.pick % Math.max(1, there.length)] ?? ['nobody', undefined];
      const expected = expectUpdate(model, step, face);
      const patch = { meta: step.meta, galleries: { set: step.set } };
      expect(await outcome(engine.updateFace(step.gallery, id, patch))).toBe(expected);
      if (expected !== 'ok' || !face) return;
      face.meta = step.meta;
      face.galleries = new Set(step.set);
    }
  }
}

function expectUpdate(
  model: Model,
  step: Extract<Command, { kind: 'update' }>,
  face: ModelFace | undefined,
): Outcome {
  if (!model.galleries.has(step.gallery)) return 'GALLERY_NOT_FOUND';
  if (!face) return 'FACE_NOT_FOUND';
  if (step.set.length === 0) return 'BAD_PARAM';
  const entered = step.set.filter((name) => !face.galleries.has(name));
  return firstRefusal(entered.map((name) => model.refuses(name, face.modelId, 1)));
}

async function expectSame(engine: GalleryEngine, model: Model, database: string): Promise<void> {
  const summaries = await engine.listGalleries();
  expect(summaries.map(({ name, capacity, count, modelId }) => [name, capacity, count, modelId])).toEqual(
    [...model.galleries]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, capacity]) => [name, capacity, model.in(name).length, model.modelOf(name)]),
  );
  for (const name of model.galleries.keys()) await expectSameGallery(engine, model, name);
  const sample = [...model.faces].filter((_, i, all) => i % Math.ceil(all.length / 4) === 0);
  for (const [id, face] of sample) {
    const [home] = face.galleries as unknown as [string];
    const dimension = Number(face.modelId.slice(6));
    expect(await engine.getVector(home, id)).toEqual(testVector(face.seed, dimension));
    expect((await engine.getPicture(home, id, 'crop')) !== null).toBe(face.crop);
  }
  await expectSameBytes(model, database);
}

async function expectSameGallery(engine: GalleryEngine, model: Model, name: string): Promise<void> {
  const there = model.in(name);
  const listed: [string, string, string[]][] = [];
  let cursor: string | undefined;
  do {
    const page = await engine.listFaces(name, { limit: 97, ...(cursor === undefined ? {} : { cursor }) });
    for (const { id, meta, galleries: names } of page.records) listed.push([id, meta, names.toSorted()]);
    cursor = page.cursor;
  } while (cursor !== undefined);
  expect(listed).toEqual(there.map(([id, face]) => [id, face.meta, [...face.galleries].toSorted()]));
  const metas = [...new Set(there.map(([, face]) => face.meta))].toSorted();
  const countOf = (meta: string): number => there.filter(([, face]) => face.meta === meta).length;
  const counted = await engine.metas(name);
  expect(counted.map(({ meta, count }) => ({ meta, count }))).toEqual(
    metas.map((meta) => ({ meta, count: countOf(meta) })),
  );
  for (const { meta, face } of counted) expect(model.faces.get(face.id)?.meta).toBe(meta);
  const modelId = model.modelOf(name);
  if (modelId === null) return;
  const dimension = Number(modelId.slice(6));
  const probe = testVector(-7, dimension);
  const [hits] = await engine.search(name, { modelId, probes: [probe], limit: 5, minCosine: -1 });
  const seeds = there.map(([, { seed }]) => seed);
  const vectors = Float32Array.from(seeds.flatMap((seed) => [...testVector(seed, dimension)]));
  const expected = scalarSearch({ seqs: seeds, vectors }, probe, { limit: 5, minScore: -1 });
  expect(hits?.map(({ record }) => record.id)).toEqual(expected.map(({ seq }) => `face-${seq}`));
}

/** Nothing is in the raw store that the model does not know of. */
async function expectSameBytes(model: Model, database: string): Promise<void> {
  const blocks = (await rawStore(database, 'records')) as RecordBlock[];
  const records = new Map(blocks.flatMap((block) => facesOf(PLAIN, block)).map((face) => [face.seq, face]));
  expect(records.size).toBe(model.faces.size);
  const crops = [...model.faces.values()].filter(({ crop }) => crop);
  expect(await rawStore(database, 'pictures')).toHaveLength(crops.length);
  const segments = (await rawStore(database, 'vectors')) as StoredSegment[];
  for (const segment of segments) {
    const { first, seqs, times, vectors, dimension } = segment;
    const keys = Array.from(seqs, (seq) => keysOf(PLAIN, records.get(seq) as StoredFace));
    expect(segment).toMatchObject(hashesOf(keys));
    expect(galleriesOf(segment).map((names) => names.toSorted())).toEqual(
      keys.map(({ galleries }) => galleries.toSorted()),
    );
    expect(seqs.length).toBeGreaterThan(0);
    expect(seqs.length).toBeLessThanOrEqual(SEGMENT_ROWS);
    expect(first).toBeLessThanOrEqual(seqs[0] as number);
    expect([...seqs].toSorted((x, y) => x - y)).toEqual([...seqs]);
    expect(times.every((time) => time > 0)).toBe(true);
    expect(vectors).toHaveLength(seqs.length * dimension);
  }
  expect(segments.reduce((sum, { seqs }) => sum + seqs.length, 0)).toBe(model.faces.size);
}

test(
  'galleries = Map, across any run of operations of two pages and reopenings',
  { timeout: 90_000 },
  async () => {
    const kernel = await testKernel();
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 3, maxLength: 24 }), async (commands) => {
        const database = testDatabase();
        const model = new Model();
        const open = (): Promise<GalleryEngine> => openEngineWith({ database, kernel });
        const pages: [GalleryEngine, GalleryEngine] = [await open(), await open()];
        try {
          for (const [i, step] of commands.entries()) {
            const page = i % 3 === 0 ? 1 : 0;
            if (step.kind === 'reopen') {
              pages[page].close();
              pages[page] = await open();
            } else await apply(pages[page], model, step);
          }
          for (const page of pages) await expectSame(page, model, database);
          pages[0].close();
          pages[0] = await open();
          await expectSame(pages[0], model, database);
        } finally {
          for (const page of pages) page.close();
          await dropDatabase(database);
        }
      }),
      { numRuns: 60, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false },
    );
  },
);
