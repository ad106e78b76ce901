/** People, cameras and history through the built library, on photos. */
import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());
test.beforeEach(async ({ page }) => openPage(page, server));

test('photos of one person make one, of another another; what is known survives a reload', async ({
  page,
}) => {
  const first = await page.evaluate(async () => {
    const { nf } = window;
    const photo = async (n: number) => (await fetch(`/photos/sample${n}.jpg`)).blob();
    const gallery = await nf.galleries.get();
    const [one] = (await gallery.add(await photo(1), { people: 'auto', meta: 'Sam' })).records;
    // The same person, smaller and turned over: none that is stored is named in the call.
    const smaller = await window.drawSample(1, 500, 400);
    const [again] = (await gallery.add(smaller, { people: 'auto' })).records;
    const items = [await photo(2), await photo(3)];
    const many = await gallery.addMany(items, { people: 'auto' });
    const [plain] = (await gallery.add(await photo(4))).records;
    const { people } = await nf.people.list();
    return { one, again, added: many.added, plain, people };
  });
  expect(first.again).toMatchObject({ personId: first.one?.personId, meta: 'Sam' });
  expect(first.added).toBe(2);
  expect(first.plain).not.toHaveProperty('personId');
  expect(first.people.map(({ number, faces, named }) => [number, faces, named])).toEqual([
    [1, 2, true],
    [2, 1, false],
    [3, 1, false],
  ]);
  await page.reload();
  await page.waitForFunction(() => 'ready' in window);
  const then = await page.evaluate(async () => {
    const nf = await window.library.NearFace.create({ assets: '/lib/', device: 'wasm', people: 'auto' });
    const { people } = await nf.people.list({ named: false });
    const [a, b] = people.map(({ id }) => id) as [string, string];
    const merged = await nf.people.merge(a, b);
    const undone = await nf.people.undo();
    const regrouped = await nf.people.regroup();
    const all = await nf.people.list();
    const door = await nf.cameras.create({ meta: 'Door', group: 'in' });
    const photo = await (await fetch('/photos/sample5.jpg')).blob();
    const { faces } = await nf.embed(photo, { faces: 'biggest' });
    const [face] = faces;
    if (!face) throw new Error('no face');
    const thumbnail = new Blob(['a picture'], { type: 'image/webp' });
    const seen = await nf.history.add([
      { timeMs: 1000, cameraId: door.id, embedding: face, box: face.position, pictures: { thumbnail } },
      { timeMs: 2000, cameraId: door.id, embedding: face },
    ]);
    const [found] = await nf.people.find(photo);
    const personId = found?.person.id ?? '';
    await nf.people.rename(personId, 'Kim');
    const history = await nf.people.history(personId, { limit: 1 });
    const rest = await nf.history.search({ limit: 9, ...(history.cursor && { cursor: history.cursor }) });
    const picture = await (await nf.history.picture(seen[0]?.id ?? '', 'thumbnail'))?.text();
    const visits = await nf.history.visits();
    const unknowns = await (await nf.galleries.get('unknowns')).count();
    const file = await nf.history.export({ passphrase: 'correct horse battery' });
    const deleted = await nf.people.delete(personId);
    const usage = (await nf.storage.usage()).people;
    const back = await nf.history.import(file, { passphrase: 'correct horse battery' });
    const outcomes = await Promise.all([
      window.outcomeOf(() => nf.people.get('nobody')),
      window.outcomeOf(() => nf.cameras.get('nowhere')),
      window.outcomeOf(() => nf.cameras.create({ rot: { left: 0, top: 0, width: 0, height: 1 } })),
      window.outcomeOf(() => nf.history.add({ timeMs: NaN })),
      window.outcomeOf(() => nf.history.prune()),
      window.outcomeOf(() => nf.history.visits({ timeZone: 'Mars/Olympus' })),
    ]);
    return {
      ...{
        merged,
        undone,
        regrouped,
        all: all.people,
        seen,
        found,
        history,
        rest,
        picture,
        visits,
        unknowns,
      },
      ...{ deleted, usage, back, cameras: await nf.cameras.list({ group: 'in' }) },
      outcomes: outcomes.map(({ code, details }) => [code, details['param']]),
    };
  });
  expect(then.merged).toMatchObject({ number: 2, faces: 2 });
  expect(then.undone).toMatchObject({ what: 'merge', faces: 1 });
  expect(then.regrouped).toEqual({ made: 1, assigned: 1 });
  expect(then.all.map(({ number, faces }) => [number, faces])).toEqual([
    [1, 2],
    [2, 1],
    [3, 1],
    [4, 1],
  ]);
  expect(then.seen.map(({ personId }) => personId)).toEqual([then.found?.person.id, then.found?.person.id]);
  expect(then.found).toMatchObject({ person: { number: 5, sightings: 2 }, confidence: expect.any(Number) });
  expect(then.history).toMatchObject({ sightings: [{ timeMs: 2000, meta: 'Kim' }] });
  expect(then.rest.sightings).toMatchObject([{ timeMs: 1000, meta: 'Kim', pictures: ['thumbnail'] }]);
  expect(then.picture).toBe('a picture');
  expect(then.visits).toEqual([{ day: '1970-01-01', sightings: 2, people: 1 }]);
  expect(then.unknowns).toBe(1);
  expect(then.deleted).toEqual({ faces: 1, sightings: 2 });
  expect(then.usage).toMatchObject({ people: 4, cameras: 1, sightings: 0 });
  expect(then.back).toEqual({ people: 1, cameras: 0, sightings: 2 });
  expect(then.cameras).toMatchObject([{ meta: 'Door', group: 'in' }]);
  expect(then.outcomes).toEqual([
    ['PERSON_NOT_FOUND', undefined],
    ['CAMERA_NOT_FOUND', undefined],
    ['BAD_PARAM', 'camera.rot'],
    ['BAD_PARAM', 'sightings[0].timeMs'],
    ['BAD_PARAM', 'options.olderThanDays'],
    ['BAD_PARAM', 'options.timeZone'],
  ]);
});

test('jobs and retention assign and forget', async ({ page }) => {
  const result = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const options = { assets: '/lib/', device: 'wasm', database: 'kept' } as const;
    const nf = await NearFace.create({ ...options, people: 'auto', global: true });
    const blob = await (await fetch('/photos/sample1.jpg')).blob();
    const files = ['a.jpg', 'b.jpg'].map((name) => new File([blob], name));
    const job = await nf.jobs.enrol('default', files);
    await job.run();
    const { people } = await nf.people.list();
    await nf.history.add([{ timeMs: 1 }, { timeMs: Date.now() }]);
    await nf.dispose();
    const next = await NearFace.create({ ...options, retentionDays: 7 });
    const gone = async (): Promise<boolean> => (await next.storage.usage()).people.sightings === 1;
    for (let i = 0; i < 100 && !(await gone()); i++) await new Promise((done) => setTimeout(done, 20));
    const { sightings } = await next.history.search();
    await next.dispose();
    return { people, left: sightings.length };
  });
  expect(result.people).toMatchObject([{ number: 1, faces: 2, meta: expect.stringMatching(/^[ab]$/) }]);
  expect(result.left).toBe(1);
});
