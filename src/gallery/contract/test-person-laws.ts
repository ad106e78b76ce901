/** Laws of searches for people. */
import { expect } from 'vitest';
import { meanOfLooks, reliabilityOfMean } from '../../core/mean-look.ts';
import { personKeyOf, personTemplate } from '../../core/person-template.ts';
import type { FaceFilter, FaceRecord } from '../../core/records.ts';
import { roundReliability } from '../../core/reliability.ts';
import { scalarDot } from '../../search/scalar.ts';
import { groupBy } from '../group-by.ts';
import { PersonSearcher } from '../person-searcher.ts';
import { testVector } from '../test-vector.ts';
import { type Laws, type Opened, outcome, prepared } from './test-subject.ts';

const PROBE = testVector(1000);

/** What a search for people is to answer, worked out from all records and vectors. */
async function expected(
  { database }: Opened,
  galleries: readonly string[],
  isMeant: (face: FaceRecord) => boolean,
): Promise<unknown> {
  const records = new Map<string, FaceRecord>();
  for (const name of galleries)
    for (const record of (await database.listFaces(name, { limit: 1000 })).records)
      if (isMeant(record)) records.set(record.id, record);
  const vectors = await database.readVectors(
    'model-8',
    Array.from(records.values(), (face) => face.number),
  );
  return [...groupBy(records.values(), personKeyOf)]
    .map(([, faces]) => {
      const looks = faces.map(({ id, number, reliability }) => ({
        ...{ id, reliability },
        embedding: vectors.get(number)!,
      }));
      const scored = looks.map(({ id, embedding }) => ({ id, cosine: scalarDot(PROBE, embedding) }));
      const several = looks.length > 1;
      const vector = several ? personTemplate(looks)!.vector : looks[0]!.embedding;
      const mean = several ? reliabilityOfMean(meanOfLooks(looks)!) : looks[0]!.reliability;
      return {
        cosine: scalarDot(PROBE, vector),
        reliability: roundReliability(mean),
        count: faces.length,
        faces: scored
          .sort((a, b) => b.cosine - a.cosine)
          .slice(0, 2)
          .map(({ id }) => id),
      };
    })
    .sort((a, b) => b.cosine - a.cosine)
    .map(rounded);
}

const rounded = <T extends { readonly cosine: number }>(each: T): T => ({
  ...each,
  cosine: Number(each.cosine.toFixed(5)),
});

export const personLaws: Laws = {
  'a search for people finds each once, as the faces are now': async (opened) => {
    const { database, mirror } = opened;
    const searcher = new PersonSearcher(database, mirror);
    await database.createGallery('staff', null);
    const expectFound = async (
      galleries: readonly string[] = ['default'],
      filter: FaceFilter = {},
      isMeant: (face: FaceRecord) => boolean = () => true,
    ): Promise<void> => {
      const [name, ...more] = galleries as [string, ...string[]];
      const request = {
        ...{ modelId: 'model-8', probes: [PROBE], limit: 100, minCosine: -1, facesPerPerson: 2 },
        ...{ galleries: more, ...filter },
      };
      const [found = []] = await searcher.search(name, request);
      const told = found.map(({ faces, ...person }) => ({
        ...rounded(person),
        faces: faces.map(({ record }) => record.id),
      }));
      expect(told).toEqual(await expected(opened, galleries, isMeant));
      expect(await searcher.count({ modelId: 'model-8', galleries, ...filter })).toBe(told.length);
    };
    await expectFound();
    // Names in turn, some of them persons as well, and some faces that nobody is told of.
    const faces = Array.from({ length: 40 }, (_, i) =>
      prepared(i + 1, {
        meta: i % 7 === 0 ? '' : `name-${i % 9}`,
        galleries: i % 3 === 0 ? ['default', 'staff'] : i % 3 === 1 ? ['staff'] : ['default'],
        ...(i % 5 === 0 && { personId: `person-${i % 2}` }),
      }),
    );
    await database.addFaces(faces);
    await expectFound();
    await expectFound(['staff']);
    await expectFound(['default', 'staff']);
    await expectFound(
      ['staff'],
      { from: 1011, until: 1031 },
      ({ timestamp }) => timestamp >= 1011 && timestamp < 1031,
    );
    await expectFound(['staff'], { meta: 'name-1' }, ({ meta }) => meta === 'name-1');
    await database.updateFaces(null, ['face-2', 'face-3', 'face-9'], { meta: 'name-1' });
    await expectFound(['default', 'staff']);
    await database.updateFaces(null, ['face-4', 'face-5'], { personId: 'person-1' });
    await database.updateFaces(null, ['face-6'], { personId: null, meta: '' });
    await expectFound(['default', 'staff']);
    await database.deleteFaces(null, ['face-1', 'face-10', 'face-40']);
    await expectFound(['default', 'staff']);
    await database.replaceFace(null, 'face-3', prepared(77));
    await expectFound(['default', 'staff']);
    await database.addFaces([prepared(50, { meta: 'name-1' })]);
    await expectFound();
    const nowhere = { modelId: 'model-8', galleries: ['nowhere'] };
    expect(await outcome(searcher.count(nowhere))).toBe('GALLERY_NOT_FOUND');
    expect(await outcome(searcher.count({ modelId: 'other', galleries: ['default'] }))).toBe(
      'MODEL_MISMATCH',
    );
  },
};
