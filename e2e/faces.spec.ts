/** Faces by their ids, photos that others take the place of, and what faces and galleries carry besides. */
import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

test('faces are read, changed, replaced and deleted by id, whatever their galleries', async ({ page }) => {
  await openPage(page, server);
  const result = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const club = await nf.galleries.create('club', { label: 'Café „𝕊“', capacity: 5 });
    const url = new URL('/photos/sample1.jpg', location.href);
    const extra = { collection: 'a', metadata: [{ name: 'n', value: 1.5 }] };
    const { records } = await club.add(url, {
      ...{ id: 'one', meta: 'Sam', galleries: ['default'], keep: 'crops', personId: 'p', extra },
      ...{ expiresAt: 9e12, returnDetails: { quality: true } },
    });
    const told = await club.addEmbedding(await nf.faces.embedding('one'), {
      ...{ id: 'two', sourceUrl: 'https://example.org/x.jpg', extra: null },
    });
    const seen = await nf.faces.get('one');
    const crop = await nf.faces.picture('one', 'crop');
    const empty = document.createElement('canvas');
    Object.assign(empty, { width: 300, height: 300 });
    empty.getContext('2d')!.fillRect(0, 0, 300, 300);
    const refused = [
      await outcomeOf(() => club.replace('one', empty)),
      await outcomeOf(() => club.replace('nobody', url)),
      await outcomeOf(() => club.replace('one', url, { faces: 'all' } as object)),
      await outcomeOf(() => club.replace('one', url, { meta: 'x' } as object)),
      await outcomeOf(() => club.add(url, { sourceUrl: 'file:///a.jpg' })),
      await outcomeOf(() => club.add(url, { extra: { a: 'x'.repeat(17_000) } })),
      await outcomeOf(() => club.add(url, { expiresAt: -1 })),
      await outcomeOf(() => nf.faces.update('one', { extra: { a: NaN } })),
      await outcomeOf(() => nf.galleries.update('club', { label: 'x'.repeat(257) })),
      await outcomeOf(() => nf.galleries.update('nowhere', { label: 'x' })),
      await outcomeOf(() => club.metas({ limit: 0 })),
      await outcomeOf(() => nf.galleries.delete('club', { faces: 1 } as object)),
      await outcomeOf(() => nf.galleries.delete('default', { faces: true })),
    ].map(({ code, details }) => [code, details['param'] ?? null]);
    const tooBad = await club.replace('one', url, { minReliability: 1 });
    const unchanged = JSON.stringify(await nf.faces.get('one')) === JSON.stringify(seen);
    const replaced = await nf.faces.replace('one', '/photos/sample2.jpg', { keep: 'none' });
    const probe = await nf.embed('/photos/sample2.jpg', { faces: 'biggest' });
    const [[best] = []] = await club.search([probe.faces[0]!.embedding!], { threshold: 'none' });
    const patched = await nf.faces.update('one', { extra: null, expiresAt: null });
    await nf.galleries.update('club', { label: 'Club' });
    const labels = (await nf.galleries.list()).map(({ name, label }) => [name, label ?? null]);
    const stats = await club.stats();
    const metas = [await club.metas({ limit: 1 }), await club.metas({ offset: 1 })];
    await nf.galleries.delete('club', { faces: true });
    const left = await (await nf.galleries.get()).count();
    const gone = await outcomeOf(() => nf.faces.get('one'));
    const { records: again } = await (await nf.galleries.get()).add(url, { galleries: [], id: 'three' });
    const deleted = await nf.faces.delete(['three']);
    return {
      ...{ first: records[0]!, told, seen, crop: crop?.size ?? 0, refused, tooBad, unchanged, replaced },
      ...{
        best,
        patched,
        labels,
        label: stats.label,
        metas: metas.map((some) => some.map(({ meta }) => meta)),
      },
      ...{ left, gone: gone.code, again: again[0]!.sourceUrl, deleted, href: url.href },
    };
  });
  const { first, seen, replaced } = result;
  expect(first).toMatchObject({
    ...{ id: 'one', sourceUrl: result.href, expiresAt: 9e12, galleries: ['club', 'default'] },
    extra: { collection: 'a', metadata: [{ name: 'n', value: 1.5 }] },
  });
  expect(seen).toEqual(first);
  expect(result.told).toMatchObject({ id: 'two', sourceUrl: 'https://example.org/x.jpg' });
  expect(result.told).not.toHaveProperty('extra');
  expect(result.crop).toBeGreaterThan(0);
  expect(result.refused).toEqual([
    ['NO_FACE', 'image'],
    ['FACE_NOT_FOUND', null],
    ['BAD_PARAM', 'options.faces'],
    ['BAD_PARAM', 'options.meta'],
    ['BAD_PARAM', 'options.sourceUrl'],
    ['BAD_PARAM', 'options.extra'],
    ['BAD_PARAM', 'options.expiresAt'],
    ['BAD_PARAM', 'patch.extra.a'],
    ['BAD_PARAM', 'patch.label'],
    ['GALLERY_NOT_FOUND', null],
    ['BAD_PARAM', 'options.limit'],
    ['BAD_PARAM', 'options.faces'],
    ['BAD_PARAM', 'name'],
  ]);
  expect(result.tooBad.records).toEqual([]);
  expect(result.tooBad.rejected[0]?.shortfalls[0]?.item).toBe('reliability');
  expect(result.unchanged).toBe(true);
  const [now] = replaced.records;
  const { meta, number, timestamp, personId, extra, expiresAt, galleries } = first;
  expect(now).toMatchObject({ id: 'one', meta, number, timestamp, personId, extra, expiresAt, galleries });
  expect(now).toMatchObject({ pictures: [] });
  expect(now!.photoHash).not.toBe(first.photoHash);
  expect(now).not.toHaveProperty('sourceUrl');
  expect(now).not.toHaveProperty('quality');
  expect(result.best).toMatchObject({ record: { id: 'one' } });
  expect(result.best!.cosine).toBeGreaterThan(0.999);
  expect(result.patched).not.toHaveProperty('extra');
  expect(result.patched).not.toHaveProperty('expiresAt');
  expect(result.labels).toEqual([
    ['club', 'Club'],
    ['default', null],
  ]);
  expect(result.label).toBe('Club');
  expect(result.metas).toEqual([[''], ['Sam']]);
  expect([result.left, result.gone, result.deleted]).toEqual([0, 'FACE_NOT_FOUND', 1]);
  expect(result.again).toBe(result.href);
});
