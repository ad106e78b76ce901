import { expect, test } from '@playwright/test';
import { GLASSES, type GlassesKind } from '../tools/bench/attributes-glasses-looks.ts';
import { buildPage, PAGE_PREFIX } from '../tools/bench/pages.ts';
import type { StaticServer } from '../tools/serve.ts';
import type { Seen, wearAll as WearAll } from './glasses-page.ts';
import { openPage, serveLibrary } from './library.ts';

declare const wearAll: typeof WearAll;

let server: StaticServer;
let seen: Seen[];

test.beforeAll(async ({ browser }) => {
  const { folder } = await buildPage('e2e/glasses-page.ts');
  server = await serveLibrary({ [PAGE_PREFIX]: folder });
  const page = await browser.newPage();
  await openPage(page, server);
  await page.addScriptTag({ type: 'module', url: `${PAGE_PREFIX}glasses-page.js` });
  await page.waitForFunction(() => 'wearAll' in window);
  seen = await page.evaluate(() => wearAll());
  await page.close();
});
test.afterAll(() => server.close());

for (const kind of Object.keys(GLASSES) as GlassesKind[])
  test(`glasses drawn on faces are named right: ${kind}`, () => {
    const faces = seen.filter(({ drawn }) => drawn === kind);
    expect(faces).toHaveLength(22);
    const right = faces.filter(({ said }) => said === GLASSES[kind]);
    expect(right.length / faces.length).toBeGreaterThan(0.8);
  });
