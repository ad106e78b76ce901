/** Runs in the page: galleries, jobs and storage. */
import { zipSync } from 'fflate';
import type { Gallery, NearFace } from '../../src/index.ts';
import { check, create, equal, library, refused, sample, type Steps } from './step.ts';

const DATABASE = 'engines-galleries';
const LOCKED = 'engines-locked';
const PASSPHRASE = 'correct horse battery';
let nf: NearFace;
let gallery: Gallery;

async function photo(number: number, name: string): Promise<File> {
  return new File([await sample(number)], name, { type: 'image/jpeg' });
}

export const gallerySteps: Steps = [
  [
    'galleries: create, list, refuse a second of the name',
    async () => {
      await library.NearFace.erase({ database: DATABASE });
      nf = await create(DATABASE);
      gallery = await nf.galleries.create('staff');
      await refused('GALLERY_EXISTS', () => nf.galleries.create('staff'));
      await refused('GALLERY_NOT_FOUND', () => nf.galleries.get('nobody'));
      const names = (await nf.galleries.list()).map(({ name }) => name);
      equal(names.sort(), ['default', 'staff'], 'names');
    },
  ],
  [
    'add all faces, with pictures',
    async () => {
      const { records } = await gallery.add(await sample(1), { faces: 'all', meta: 'Team', keep: 'crops' });
      equal(records.length, 3, 'records');
      const crop = await gallery.picture(records[0]!.id, 'crop');
      check(crop && (await createImageBitmap(crop)).width > 20, 'no crop');
    },
  ],
  [
    'identify',
    async () => {
      const found = await gallery.identify(await sample(1), { faces: 'all' });
      equal(found.length, 3, 'faces');
      for (const { matches } of found) check((matches[0]?.cosine ?? 0) > 0.99, 'a face is not like itself');
    },
  ],
  [
    'search by embedding',
    async () => {
      const { faces } = await nf.embed(await sample(1));
      const [matches] = await gallery.search([faces[0]!.embedding!]);
      check(matches?.[0], 'nothing found');
    },
  ],
  [
    'list page by page, update, metas, delete',
    async () => {
      const first = await gallery.list({ limit: 2 });
      const second = await gallery.list({ limit: 2, ...(first.cursor && { cursor: first.cursor }) });
      equal([first.records.length, second.records.length], [2, 1], 'pages');
      const { id } = first.records[0]!;
      equal((await gallery.update(id, { meta: 'Robin' })).meta, 'Robin', 'meta');
      equal((await gallery.metas()).map(({ meta }) => meta).sort(), ['Robin', 'Team'], 'metas');
      equal(await gallery.delete(second.records[0]!.id), 1, 'deleted');
      await refused('FACE_NOT_FOUND', () => gallery.get(second.records[0]!.id));
      equal(await gallery.count(), 2, 'left');
    },
  ],
  [
    'group by person',
    async () => {
      await gallery.add(await sample(1), { faces: 'all', meta: 'again' });
      const { groups } = await gallery.cluster();
      check(groups.length >= 2, `${groups.length} groups`);
    },
  ],
  [
    'export and import, encrypted',
    async () => {
      const file = await gallery.export({ passphrase: PASSPHRASE });
      const target = await nf.galleries.create('copy');
      await refused('LOCKED', () => target.import(file, { passphrase: 'wrong horse battery', ids: 'new' }));
      const { imported } = await target.import(file, { passphrase: PASSPHRASE, ids: 'new' });
      equal(imported, await gallery.count(), 'imported');
      await nf.galleries.delete('copy');
    },
  ],
  [
    'a job from files and from a zip',
    async () => {
      const files = [await photo(6, 'Kim.jpg'), new File(['no picture'], 'broken.jpg')];
      const job = await nf.jobs.enrol('default', files);
      const { state, counts } = await job.run();
      equal([state, counts.added, counts.failed], ['done', 1, 1], 'files');
      const bytes = new Uint8Array(await (await sample(4)).arrayBuffer());
      const zip = new File([zipSync({ 'team/Ann.jpg': bytes })], 'team.zip', { type: 'application/zip' });
      const zipped = await (await nf.jobs.enrol('default', [zip])).run();
      equal([zipped.state, zipped.counts.added], ['done', 1], 'zip');
      check((await (await job.report()).text()).includes('broken.jpg'), 'no report');
    },
  ],
  [
    'two instances see what the other adds',
    async () => {
      const other = await create(DATABASE);
      const theirs = await other.galleries.get('staff');
      const before = await gallery.count();
      const { records } = await theirs.add(await sample(6), { meta: 'from the other' });
      equal(await gallery.count(), before + 1, 'faces');
      const [found] = await gallery.identify(await sample(6));
      equal(found?.matches[0]?.record.id, records[0]!.id, 'the match');
      await other.dispose();
    },
  ],
  [
    'storage: usage, and persist() that answers',
    async () => {
      const usage = await nf.storage.usage();
      check(usage.faces > 0 && usage.bytes.vectors > 0, JSON.stringify(usage));
      equal(typeof (await nf.storage.persist()), 'boolean', 'persist');
    },
  ],
  [
    'encrypt, lock, unlock',
    async () => {
      await library.NearFace.erase({ database: LOCKED });
      const safe = await create(LOCKED);
      const its = await safe.galleries.get();
      await its.add(await sample(6), { meta: 'secret' });
      await safe.storage.encrypt(PASSPHRASE);
      await safe.storage.lock();
      await refused('LOCKED', () => its.count());
      await refused('LOCKED', () => safe.storage.unlock('wrong horse battery'));
      await safe.storage.unlock(PASSPHRASE);
      equal(await its.count(), 1, 'faces');
      await safe.dispose();
    },
  ],
];

/** After the page was loaded anew. */
export const reloadedSteps: Steps = [
  [
    'everything is there after a reload',
    async () => {
      nf = await create(DATABASE);
      gallery = await nf.galleries.get('staff');
      check((await gallery.count()) >= 3, 'faces are missing');
      const [found] = await gallery.identify(await sample(6));
      equal(found?.matches[0]?.record.meta, 'from the other', 'the match');
    },
  ],
  [
    'an encrypted database needs its passphrase after a reload',
    async () => {
      await refused('LOCKED', () => create(LOCKED));
      const open = await create(LOCKED, { passphrase: PASSPHRASE });
      equal(await (await open.galleries.get()).count(), 1, 'faces');
      await open.dispose();
    },
  ],
  [
    'erase',
    async () => {
      await nf.storage.eraseAll();
      equal((await nf.storage.usage()).faces, 0, 'faces');
      await nf.dispose();
      for (const database of [DATABASE, LOCKED]) await library.NearFace.erase({ database });
      const names = ((await indexedDB.databases?.()) ?? []).map(({ name }) => name);
      check(!names.some((name) => name?.includes('engines-')), `left: ${names.join()}`);
    },
  ],
];
