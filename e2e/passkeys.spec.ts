import { expect, test } from '@playwright/test';
import type { StaticServer } from '../tools/serve.ts';
import { withAuthenticator } from './authenticator.ts';
import { openPage, serveLibrary } from './library.ts';

let server: StaticServer;
/** WebAuthn knows no sites that are numbers. */
let site: { readonly url: string };

test.beforeAll(async () => {
  server = await serveLibrary();
  site = { url: server.url.replace('127.0.0.1', 'localhost') };
});
test.afterAll(() => server.close());

test('a passkey unlocks the galleries, and opens them in a page that comes anew', async ({ page }) => {
  const agree = await withAuthenticator(page);
  await openPage(page, site as StaticServer, false);
  const went = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const options = { assets: '/lib/', device: 'wasm', database: 'passkeys' } as const;
    const nf = await NearFace.create({ ...options, passphrase: 'correct horse' });
    const added = await nf.storage.addPasskey({ name: 'Front desk' });
    const again = await window.outcomeOf(() => nf.storage.addPasskey());
    await nf.galleries.create('staff');
    await nf.storage.lock();
    const locked = await window.outcomeOf(() => nf.galleries.list());
    await nf.storage.unlock({ passkey: true });
    const names = (await nf.galleries.list()).map(({ name }) => name);
    await nf.dispose();
    const reopened = await NearFace.create({ ...options, passkey: true });
    const listed = await reopened.storage.passkeys();
    const seen = (await reopened.galleries.list()).map(({ name }) => name);
    await reopened.dispose();
    return { added, again, locked, names, listed, seen };
  });
  expect(went.again).toMatchObject({ code: 'BAD_PARAM' });
  expect(went.locked.code).toBe('LOCKED');
  expect(went.names).toEqual(['default', 'staff']);
  expect(went.seen).toEqual(went.names);
  expect(went.listed).toEqual([went.added]);
  expect(went.added).toMatchObject({ name: 'Front desk' });

  const after = await page.evaluate(async (id) => {
    const { NearFace } = window.library;
    const options = { assets: '/lib/', device: 'wasm', database: 'passkeys' } as const;
    const nf = await NearFace.create({ ...options, passphrase: 'correct horse' });
    await nf.storage.removePasskey(id);
    const unknown = await window.outcomeOf(() => nf.storage.removePasskey(id));
    await nf.dispose();
    const removed = await window.outcomeOf(() => NearFace.create({ ...options, passkey: true }));
    await NearFace.erase({ assets: '/lib/', database: 'passkeys' });
    const another = { ...options, database: 'other-passkeys' };
    await (await NearFace.create({ ...another, passphrase: 'correct horse' })).dispose();
    const ofAnother = await window.outcomeOf(() => NearFace.create({ ...another, passkey: true }));
    await NearFace.erase({ assets: '/lib/', database: 'other-passkeys' });
    const ofPlain = await window.outcomeOf(() => NearFace.create({ ...another, passkey: true }));
    await NearFace.erase({ assets: '/lib/', database: 'other-passkeys' });
    return { unknown, removed, ofAnother, ofPlain };
  }, went.added.id);
  expect(after.unknown).toMatchObject({ code: 'BAD_PARAM' });
  expect(after.removed).toMatchObject({ code: 'LOCKED' });
  expect(after.ofAnother).toMatchObject({ code: 'LOCKED' });
  expect(after.ofPlain).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.passkey' } });

  await agree(false);
  const refused = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const options = { assets: '/lib/', device: 'wasm', database: 'passkeys' } as const;
    const open = await window.outcomeOf(() => NearFace.create({ ...options, passkey: true }));
    const other = { ...options, database: 'other-passkeys', passphrase: 'correct horse' };
    const nf = await NearFace.create(other);
    const add = await window.outcomeOf(() => nf.storage.addPasskey());
    const aborter = new AbortController();
    aborter.abort();
    const aborted = await window.outcomeOf(() => nf.storage.addPasskey({ signal: aborter.signal }));
    const none = await nf.storage.passkeys();
    await nf.dispose();
    await NearFace.erase({ assets: '/lib/', database: 'other-passkeys' });
    return { open, add, aborted, none };
  });
  expect(refused.open).toMatchObject({ code: 'LOCKED' });
  expect(refused.add).toMatchObject({ code: 'ABORTED' });
  expect(refused.aborted).toMatchObject({ code: 'ABORTED' });
  expect(refused.none).toEqual([]);
});

test('passkeys without secrets, plain databases and bad options are refused in words, and nothing is stored', async ({
  page,
}) => {
  await withAuthenticator(page, { hasPrf: false });
  await openPage(page, site as StaticServer, false);
  const went = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const options = { assets: '/lib/', device: 'wasm', database: 'no-passkeys' } as const;
    const plain = await NearFace.create(options);
    const notEncrypted = await window.outcomeOf(() => plain.storage.addPasskey());
    await plain.dispose();
    const both = await window.outcomeOf(() =>
      NearFace.create({ ...options, passphrase: 'correct horse', passkey: true }),
    );
    const inMemory = await window.outcomeOf(() =>
      NearFace.create({ ...options, database: null, passkey: true }),
    );
    await NearFace.erase({ assets: '/lib/', database: 'no-passkeys' });
    const nf = await NearFace.create({ ...options, passphrase: 'correct horse' });
    const noSecrets = await window.outcomeOf(() => nf.storage.addPasskey());
    const noName = await window.outcomeOf(() => nf.storage.addPasskey({ name: ' ' }));
    const none = await nf.storage.passkeys();
    await nf.dispose();
    await NearFace.erase({ assets: '/lib/', database: 'no-passkeys' });
    return { notEncrypted, both, inMemory, noSecrets, noName, none };
  });
  expect(went.notEncrypted).toMatchObject({ code: 'BAD_PARAM', details: { param: 'database' } });
  expect(went.both).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.passkey' } });
  expect(went.inMemory).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.passkey' } });
  expect(went.noSecrets).toMatchObject({ code: 'BACKEND_UNAVAILABLE' });
  expect(went.noName).toMatchObject({ code: 'BAD_PARAM', details: { param: 'options.name' } });
  expect(went.none).toEqual([]);
});

test('a site that is an address in numbers has no passkeys, and is told so', async ({ page }) => {
  await withAuthenticator(page);
  await openPage(page, server, false);
  const outcome = await page.evaluate(async () => {
    const { NearFace } = window.library;
    const options = { assets: '/lib/', device: 'wasm', database: 'passkeys' } as const;
    return window.outcomeOf(() => NearFace.create({ ...options, passkey: true }));
  });
  expect(outcome).toMatchObject({ code: 'BACKEND_UNAVAILABLE', details: { needs: 'passkeys' } });
});
