import { expect, test, type Page } from '@playwright/test';
import { chromiumArgs, findChromium } from '../tools/chromium.ts';
import type { StaticServer } from '../tools/serve.ts';
import { openPage, serveLibrary } from './library.ts';

const executablePath = findChromium();

// A name that is not localhost: over plain http its pages are not secure.
test.use({
  launchOptions: {
    args: [...chromiumArgs, '--host-resolver-rules=MAP plain.test 127.0.0.1'],
    ...(executablePath ? { executablePath } : {}),
  },
});

let server: StaticServer | undefined;
let problems: string[];

/** What no library should leave behind: errors that nobody has caught. */
function watchErrors(page: Page): void {
  problems = [];
  page.on('pageerror', (error) => problems.push(error.message));
}

test.beforeEach(({ page }) => watchErrors(page));
test.afterEach(async () => {
  expect(problems).toEqual([]);
  await server?.close();
});

test('plain http: all but model cache and camera works, keys are those of a secure page, and a warning says what is missing', async ({
  page,
}) => {
  server = await serveLibrary();
  const plain = server.url.replace('127.0.0.1', 'plain.test');
  await openPage(page, { ...server, url: plain }, false);
  const outcome = await page.evaluate(async () => {
    const options = { assets: '/lib/', device: 'wasm', passphrase: 'blue elephant', keep: 'crops' } as const;
    const first = await window.library.NearFace.create(options);
    const { warnings } = first.info;
    const gallery = await first.galleries.get();
    await gallery.add('/photos/sample1.jpg', { meta: 'Sam Berry' });
    const photo = await (await fetch('/photos/sample2.jpg')).blob();
    for (let run = 0; run < 2; run++) {
      const job = await first.jobs.enrol('default', [new File([photo], 'two.jpg')], { duplicates: 'skip' });
      await job.run();
    }
    await first.dispose();
    window.nf = await window.library.NearFace.create(options);
    const again = await window.nf.galleries.get();
    const [found] = await again.identify('/photos/sample1.jpg');
    const bytes = new Uint8Array(await (await again.export({ passphrase: 'grey mouse' })).arrayBuffer());
    return {
      secure: isSecureContext,
      warnings,
      faces: (await window.nf.detect('/photos/sample1.jpg')).faces.length,
      meta: found?.matches[0]?.record.meta,
      count: await again.count(),
      archive: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')),
    };
  });
  const { archive, warnings, ...rest } = outcome;
  expect(rest).toEqual({ secure: false, faces: 3, meta: 'Sam Berry', count: 2 });
  expect(warnings).toEqual([expect.stringMatching(/not secure.*https/)]);

  await openPage(page, server);
  const imported = await page.evaluate(async (base64) => {
    const file = new Blob([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))]);
    const gallery = await window.nf.galleries.get();
    await gallery.import(file, { passphrase: 'grey mouse' });
    return { count: await gallery.count(), secure: isSecureContext, warnings: window.nf.info.warnings };
  }, archive);
  expect(imported).toEqual({ count: 2, secure: true, warnings: [] });
});

/** What a frame without storage can do: everything, with galleries in memory. */
async function useWithoutStorage(page: Page, attributes: Readonly<Record<string, string>>): Promise<unknown> {
  await page.evaluate((given) => {
    const frame = document.createElement('iframe');
    for (const [name, value] of Object.entries(given)) frame.setAttribute(name, value);
    document.body.append(frame);
  }, attributes);
  await expect.poll(() => page.frames().length).toBe(2);
  const frame = page.frames()[1]!;
  await frame.waitForFunction(() => 'ready' in window);
  return frame.evaluate(async () => {
    const isDenied = await new Promise((resolve) => {
      try {
        const request = indexedDB.open('any');
        request.onerror = () => resolve(true);
        request.onsuccess = () => resolve(false);
      } catch {
        resolve(true);
      }
    });
    const nf = await window.library.NearFace.create({ assets: '/lib/', device: 'wasm' });
    const { faces } = await nf.detect('/photos/sample1.jpg');
    const { verified } = await nf.compare('/photos/sample1.jpg', '/photos/sample1.jpg');
    const gallery = await nf.galleries.create('team');
    await gallery.add('/photos/sample1.jpg', { meta: 'Sheldon', faces: 'biggest' });
    const found = await gallery.identify('/photos/sample1.jpg');
    const names = found.flatMap(({ matches }) => matches.map(({ record }) => record.meta));
    const usage = await nf.storage.usage();
    const stored = { kind: nf.info.storage.kind, usage: usage.kind, faces: usage.faces };
    const encrypted = await window.outcomeOf(() => nf.storage.encrypt('a long passphrase'));
    const refused = await window.outcomeOf(() =>
      window.library.NearFace.create({ assets: '/lib/', device: 'wasm', storage: 'required' }),
    );
    const erased = await window.outcomeOf(() => window.library.NearFace.erase({ assets: '/lib/' }));
    const { warnings } = nf.info;
    await nf.dispose();
    const seen = { isDenied, faces: faces.length, verified, names, stored, warnings };
    return { origin: globalThis.origin, ...seen, encrypted, refused, erased };
  });
}

const WITHOUT_STORAGE = {
  isDenied: true,
  faces: 3,
  verified: true,
  names: ['Sheldon'],
  stored: { kind: 'memory', usage: 'memory', faces: 1 },
  encrypted: { code: 'BAD_PARAM', message: expect.stringContaining('memory') },
  refused: { code: 'STORAGE_FAILED', message: expect.stringContaining('allow-same-origin') },
  erased: { code: 'STORAGE_FAILED', message: expect.stringContaining('a frame of another site') },
  warnings: [expect.stringContaining('no storage')],
};

test('a sandboxed frame of opaque origin detects, enrols and identifies; galleries are in memory', async ({
  page,
}) => {
  server = await serveLibrary({}, { cors: true });
  await page.goto(`${server.url}/index.html`);
  const outcome = await useWithoutStorage(page, { sandbox: 'allow-scripts', src: '/index.html' });
  expect(outcome).toMatchObject({ origin: 'null', ...WITHOUT_STORAGE });
});

test('a frame of another site that is denied storage does, too', async ({ page }) => {
  server = await serveLibrary();
  await page.goto(`${server.url}/index.html`);
  // Headless Chromium denies storage to frames of another site than the page's, as browsers do that block third-party cookies.
  const other = server.url.replace('127.0.0.1', 'localhost');
  const outcome = await useWithoutStorage(page, { src: `${other}/index.html` });
  expect(outcome).toMatchObject({ origin: other, ...WITHOUT_STORAGE });
});

test('galleries in memory, asked for: nothing is stored, and what contradicts it is refused', async ({
  page,
}) => {
  server = await serveLibrary();
  await openPage(page, server, false);
  const outcome = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const options = { assets: '/lib/', device: 'wasm', database: null } as const;
    const nf = await NearFace.create(options);
    const gallery = await nf.galleries.get();
    await gallery.add('/photos/sample1.jpg', { faces: 'biggest' });
    const { kind } = nf.info.storage;
    const count = await gallery.count();
    const stored = (await indexedDB.databases()).map(({ name }) => name);
    await nf.dispose();
    const passphrase = await window.outcomeOf(() =>
      NearFace.create({ ...options, passphrase: 'a long passphrase' }),
    );
    const required = await window.outcomeOf(() => NearFace.create({ ...options, storage: 'required' }));
    return { kind, count, stored, passphrase, required };
  });
  expect(outcome).toMatchObject({
    kind: 'memory',
    count: 1,
    stored: [],
    passphrase: { code: 'BAD_PARAM', message: expect.stringContaining('options.passphrase') },
    required: { code: 'BAD_PARAM', message: expect.stringContaining('options.storage') },
  });
});

test('Trusted Types: the policy nearface is all that is needed', async ({ page }) => {
  const policy = "require-trusted-types-for 'script'; trusted-types nearface";
  server = await serveLibrary({}, { headers: { 'Content-Security-Policy': policy } });
  await openPage(page, server);
  const faces = await page.evaluate(async () => (await window.nf.detect('/photos/sample1.jpg')).faces.length);
  expect(faces).toBe(3);
});

for (const [what, policy, message] of [
  [
    'Trusted Types without the policy nearface',
    "require-trusted-types-for 'script'; trusted-types 'none'",
    /Content-Security-Policy.*trusted-types nearface/,
  ],
  ['no wasm-unsafe-eval', "script-src 'self' 'unsafe-inline'", /Content-Security-Policy.*'wasm-unsafe-eval'/],
  ['no workers', "worker-src 'none'", /Content-Security-Policy.*worker-src/],
] as const) {
  test(`a policy with ${what}: one coded error that names it`, async ({ page }) => {
    server = await serveLibrary({}, { headers: { 'Content-Security-Policy': policy } });
    await openPage(page, server, false);
    const outcome = await page.evaluate(() =>
      window.outcomeOf(() => window.library.NearFace.create({ assets: '/lib/' })),
    );
    expect(outcome.code).toBe('BACKEND_UNAVAILABLE');
    expect(outcome.message).toMatch(message);
  });
}

test('locks that another script steals leave no unhandled rejection and no wrong death', async ({ page }) => {
  server = await serveLibrary();
  await openPage(page, server);
  const faces = await page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query();
    const names = held.flatMap(({ name }) => (name?.startsWith('nearface-') ? [name] : []));
    if (names.length < 2) throw new Error('the workers hold no locks');
    for (const name of names)
      void navigator.locks.request(name, { steal: true }, () => new Promise(() => {})).catch(() => {});
    await new Promise((done) => setTimeout(done, 300));
    return (await window.nf.detect('/photos/sample1.jpg')).faces.length;
  });
  expect(faces).toBe(3);
});
