import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
test.beforeAll(async () => {
  server = await serveLibrary();
});
test.afterAll(() => server.close());

test('faces can be deleted when the disk is full', async ({ page }) => {
  const cdp = await page.context().newCDPSession(page);
  const { origin } = new URL(server.url);
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 16e6 });
  await openPage(page, server);
  const result = await page.evaluate(async () => {
    const { nf, outcomeOf } = window;
    const gallery = await nf.galleries.get();
    const embeddingOf = (n: number): Float32Array =>
      Float32Array.from({ length: 192 }, (_, i) => Math.sin((n + 1) * (i + 1) * 12.9898) * 3);
    const ids: string[] = [];
    let full: Awaited<ReturnType<typeof outcomeOf>> | undefined;
    // Ever fewer at a time, until not one more fits.
    for (let some = 1000; some >= 1; some = Math.floor(some / 4)) {
      for (;;) {
        const made = Array.from({ length: some }, (_, n) => ({
          embedding: embeddingOf(ids.length + n),
          meta: 'a',
        }));
        const outcome = await outcomeOf(async () => ids.push(...(await gallery.addEmbeddings(made))));
        if (outcome.code === 'none') continue;
        full = outcome;
        break;
      }
    }
    const stored = await gallery.count();
    const one = await outcomeOf(() => gallery.delete(ids[5] as string));
    const many = await outcomeOf(() => gallery.delete(ids.filter((_, i) => i % 7 === 3)));
    const left = await gallery.count();
    const all = await outcomeOf(() => nf.storage.eraseAll());
    const empty = await gallery.count();
    return { full, ids: ids.length, stored, one, many, left, all, empty };
  });
  expect(result.full?.code).toBe('STORAGE_FULL');
  expect(result.stored).toBe(result.ids);
  for (const outcome of [result.one, result.many, result.all])
    expect(outcome).toMatchObject({ code: 'none' });
  const gone = Array.from({ length: result.ids }, (_, i) => i).filter((i) => i % 7 === 3).length;
  expect(result.left).toBe(result.ids - 1 - gone);
  expect(result.empty).toBe(0);
});

test('a new database on a full disk is STORAGE_FULL, and no rejection goes unhandled', async ({ page }) => {
  const cdp = await page.context().newCDPSession(page);
  const { origin } = new URL(server.url);
  const unhandled: string[] = [];
  page.on('pageerror', (error) => unhandled.push(String(error)));
  await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
  const outcome = await openPage(page, server).then(
    () => 'opened',
    (error: unknown) => String(error),
  );
  expect(outcome).toContain('gives this site no more storage');
  expect(unhandled).toEqual([]);
});
