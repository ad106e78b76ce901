/** Searches for people in galleries that change, beside what a search of all of them finds. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { personKeyOf, personTemplate } from '../../core/person-template.ts';
import type { FaceRecord } from '../../core/records.ts';
import { compileKernel } from '../../search/kernel/kernel.ts';
import { scalarDot } from '../../search/scalar.ts';
import { xorshift32 } from '../../search/xorshift.ts';
import { GalleryEngine } from '../gallery-engine.ts';
import type { EnginePersonSearch } from '../person-searcher.ts';
import { testFace } from '../test-face.ts';
import { testVector } from '../test-vector.ts';
import { inMemory } from './memory-database.ts';

const kernel = readFile(new URL('../../search/kernel/search-simd.wasm', import.meta.url)).then(compileKernel);
const MODEL = 'model-8';

/** The people of some galleries, by falling cosine, worked out from every record and vector. */
async function expected(
  engine: GalleryEngine,
  galleries: readonly string[],
  { minCosine, meta, from, until }: EnginePersonSearch,
  probe: Float32Array,
): Promise<readonly (readonly [string, number, number])[]> {
  const lists = await Promise.all(galleries.map((name) => engine.listFaces(name, { limit: 1000 })));
  const records = new Map(lists.flatMap((page) => page.records).map((record) => [record.id, record]));
  const wanted = [...records.values()].filter(
    (record) =>
      (meta === undefined || record.meta === meta) &&
      record.timestamp >= (from ?? 0) &&
      record.timestamp < (until ?? Infinity),
  );
  const people = new Map<string, FaceRecord[]>();
  for (const record of wanted) {
    const key = personKeyOf(record);
    people.set(key, [...(people.get(key) ?? []), record]);
  }
  const found: (readonly [string, number, number])[] = [];
  for (const [key, faces] of people) {
    const looks = await Promise.all(
      faces.map(async ({ id, reliability }) => ({
        embedding: await engine.getVector(null, id),
        reliability,
      })),
    );
    const vector = looks.length === 1 ? looks[0]?.embedding : personTemplate(looks)?.vector;
    const cosine = vector ? scalarDot(vector, probe) : -1;
    if (cosine >= minCosine) found.push([key, faces.length, cosine]);
  }
  return found.sort((a, b) => b[2] - a[2]);
}

/** A photo of somebody, unlike any other. */
function photoOf(who: number, no: number): Float32Array<ArrayBuffer> {
  const [face, noise] = [testVector(1 + who), testVector(1000 + no)];
  const raw = face.map((x, i) => x + 0.4 * (noise[i] as number));
  const length = Math.hypot(...raw);
  return raw.map((x) => x / length);
}

test('they are those of every template and only face, whatever comes, goes and changes', async () => {
  const engine = await GalleryEngine.open(inMemory(), { kernel: await kernel });
  const next = xorshift32(5);
  const pick = <T>(list: readonly T[]): T => list[next() % list.length] as T;
  await engine.createGallery('a', null);
  let made = 0;
  const ids = new Set<string>();
  for (let round = 0; round < 25; round++) {
    const faces = Array.from({ length: 1 + (next() % 12) }, () => {
      const who = next() % 9;
      const given = next() % 3;
      return testFace(++made, {
        galleries: pick([['default'], ['a'], ['default', 'a']]),
        timestamp: made,
        reliability: (next() % 11) / 10,
        meta: given === 0 ? '' : `name-${who}`,
        ...(given === 2 && { personId: `person-${who % 5}` }),
        vector: photoOf(who, made),
      });
    });
    for (const { id } of await engine.addFaces(faces)) ids.add(id);
    const some = [...ids].filter(() => next() % 9 === 0);
    const [gone, ...changed] = some;
    if (gone !== undefined) {
      await engine.deleteFaces(null, [gone]);
      ids.delete(gone);
    }
    if (changed.length > 0)
      await engine.updateFaces(
        null,
        changed,
        pick([{ meta: 'name-3' }, { personId: 'person-1' }, { personId: null }]),
      );
    for (let i = 0; i < 4; i++) {
      const probe = testVector(1 + (next() % 60));
      const request: EnginePersonSearch = {
        ...{ modelId: MODEL, probes: [probe], facesPerPerson: 3, exact: next() % 2 === 0 },
        ...{ limit: pick([1, 3, 1000]), minCosine: pick([-1, 0.2, 0.8]) },
        ...pick([{}, {}, { meta: 'name-3' }, { from: 10, until: 40 }]),
      };
      const others = pick([[], ['a']]);
      const [told = []] = await engine.searchPeople('default', { ...request, galleries: others });
      const wanted = await expected(engine, ['default', ...others], request, probe);
      const short = (cosine: number): number => Math.round(cosine * 1e4);
      expect(
        told.map(({ count, cosine, faces: [best] }) => [
          best && personKeyOf(best.record),
          count,
          short(cosine),
        ]),
      ).toEqual(wanted.slice(0, request.limit).map(([key, count, cosine]) => [key, count, short(cosine)]));
      for (const { faces: best } of told)
        expect(new Set(best.map(({ record }) => personKeyOf(record))).size).toBe(1);
    }
  }
  engine.close();
});

test('somebody whose faces cancel each other out is one person all the same', async () => {
  const engine = await GalleryEngine.open(inMemory(), { kernel: await kernel });
  const axis = (i: number, sign = 1): Float32Array<ArrayBuffer> =>
    Float32Array.from({ length: 8 }, (_, j) => (i === j ? sign : 0));
  await engine.addFaces([
    testFace(1, { meta: 'both', vector: axis(0) }),
    testFace(2, { meta: 'both', vector: axis(0, -1) }),
    testFace(3, { meta: 'other', vector: axis(1, -1) }),
  ]);
  const probe = axis(1);
  const request = { modelId: MODEL, probes: [probe], facesPerPerson: 3, limit: 2, minCosine: -1 };
  const [told = []] = await engine.searchPeople('default', request);
  expect(told.map(({ count, faces: [best] }) => [best?.record.meta, count])).toEqual([
    ['both', 2],
    ['other', 1],
  ]);
  engine.close();
});
