import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

test('people are found once, audited and measured through the built library', async ({ page }) => {
  await openPage(page, server);
  const result = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32 - 0.5;
    };
    const direction = (): Float32Array => Float32Array.from({ length: 192 }, random);
    const people = Array.from({ length: 12 }, direction);
    const photoOf = (person: number): Float32Array => people[person]!.map((x) => x + 0.6 * random());
    const gallery = await nf.galleries.get();
    const tooFew = await outcomeOf(() => gallery.calibrate());
    const faces = Array.from({ length: 48 }, (_, i) => ({
      embedding: photoOf(i % 12),
      meta: `name ${i % 12}`,
      reliability: 1,
      id: `face ${i}`,
    }));
    await gallery.addEmbeddings([
      ...faces,
      { embedding: photoOf(3), meta: 'name 8', reliability: 1, id: 'wrong' },
    ]);
    const probe = { embedding: photoOf(5), reliability: 1 };
    const [seen] = await gallery.identify(probe, { by: 'person', limit: 3, facesPerPerson: 2 });
    const byFace = await gallery.identify(probe, { limit: 3 });
    const { findings, cursor } = await gallery.audit();
    const own = await gallery.calibrate({ falseMatchRate: 0.2 });
    return {
      tooFew: tooFew.code,
      seen: seen?.matches.map(({ record, faceCount, faces: behind }) => [
        record.meta,
        faceCount,
        behind.length,
      ]),
      isSurer: seen!.matches[0]!.cosine > byFace[0]!.matches[0]!.cosine,
      byFace: byFace[0]?.matches.length,
      findings: findings.map((finding) =>
        finding.kind === 'unlike'
          ? [finding.face.id, finding.namesakeCount, finding.better?.record.meta, finding.suggestion]
          : [finding.kind],
      ),
      cursor,
      own: [own.faces, own.people, own.peopleWithSeveral, own.levels.map(({ name }) => name).join(' ')],
      wrong: own.unlikestOfOne[0]?.b.id,
      recommended: own.recommended.meets,
    };
  });
  expect(result).toEqual({
    tooFew: 'TOO_FEW_PEOPLE',
    seen: [['name 5', 4, 2]],
    isSurer: true,
    byFace: 3,
    findings: [['wrong', 4, 'name 3', 'move']],
    cursor: undefined,
    own: [49, 12, 12, 'low medium strict'],
    wrong: 'wrong',
    recommended: true,
  });
});
