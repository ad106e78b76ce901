import { expect, test } from '@playwright/test';
import { GLASSES, type GlassesKind } from '../tools/drawing/glasses-looks.ts';
import { buildPage, PAGE_PREFIX } from '../tools/pages.ts';
import type { StaticServer } from '../tools/serve.ts';
import type { Seen, wearAll as WearAll } from './glasses-page.ts';
import { openPage, serveLibrary } from './library.ts';

declare const wearAll: typeof WearAll;

/** The others are named right too rarely for a bar (models/face-traits.md). */
const NAMED = ['coloured plastic frame', 'dark lenses'] as const;
/** Found, though now and then taken for sunglasses. */
const FOUND = 'thick black frame';

let server: StaticServer;
let seen: Seen[];

test.beforeAll(async ({ browser }) => {
  const { folder, script } = await buildPage('e2e/glasses-page.ts');
  server = await serveLibrary({ [PAGE_PREFIX]: folder });
  const page = await browser.newPage();
  await openPage(page, server);
  await page.addScriptTag({ type: 'module', url: script });
  await page.waitForFunction(() => 'wearAll' in window);
  seen = await page.evaluate((kinds) => wearAll(kinds), [...NAMED, FOUND] as const);
  await page.close();
});
test.afterAll(() => server.close());

/** What faces with glasses of `kind` were said to wear. */
function of(kind: GlassesKind): Seen['said'][] {
  return seen.flatMap(({ drawn, said }) => (drawn === kind ? [said] : []));
}

for (const kind of NAMED)
  test(`glasses drawn on faces are named right: ${kind}`, () => {
    expect(of(kind)).toHaveLength(22);
    expect(of(kind).filter((said) => said === GLASSES[kind]).length).toBeGreaterThan(0.8 * 22);
  });

test(`glasses drawn on faces are found: ${FOUND}`, () => {
  expect(of(FOUND)).toHaveLength(22);
  expect(of(FOUND).filter((said) => said === 'without').length).toBeLessThan(0.1 * 22);
});
