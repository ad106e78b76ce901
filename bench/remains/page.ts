/** Runs in the page: does what its address says, and tells when it is done. */
import { GalleryEngine } from '../../src/gallery/gallery-engine.ts';
import { indexedDb } from '../../src/gallery/indexeddb/indexeddb-database.ts';
import { deleteDatabase } from '../../src/gallery/indexeddb/slots.ts';
import { fetchAsset } from '../../src/platform/fetch-asset.ts';
import { loadKernel } from '../../src/search/kernel/kernel.ts';
import { FACES, remainsFace } from './faces.ts';

const DATABASE = 'remains';
const PASSPHRASE = 'correct horse battery staple';

async function open(passphrase?: string): Promise<GalleryEngine> {
  const kernel = await loadKernel(fetchAsset, `${location.origin}/`, 'simd');
  return GalleryEngine.open(indexedDb({ database: DATABASE, key: passphrase }), { kernel });
}

async function enrol(engine: GalleryEngine): Promise<void> {
  for (let first = 0; first < FACES; first += 50) {
    const some = Array.from({ length: Math.min(50, FACES - first) }, (_, i) => remainsFace(first + i));
    await engine.addFaces(
      some.map(({ id, meta, vector, crop, photo }) => ({
        ...{ id, meta, vector, galleries: ['default'], modelId: 'random-192' },
        pictures: { crop: new Blob([crop]), ...(photo && { photo: new Blob([photo]) }) },
      })),
    );
  }
}

const TASKS: Readonly<Record<string, () => Promise<unknown>>> = {
  enrol: async () => enrol(await open()),
  'enrol-encrypted': async () => enrol(await open(PASSPHRASE)),
  encrypt: async () => (await open()).protection.encrypt(PASSPHRASE),
  delete: async () => {
    const engine = await open();
    await engine.deleteFaces(
      'default',
      Array.from({ length: FACES }, (_, i) => remainsFace(i).id),
    );
  },
  'erase-all': async () => (await open()).eraseAll(),
  erase: () => deleteDatabase(DATABASE),
  /** As a user who comes back. */
  'open-plain': () => open(),
  'open-encrypted': () => open(PASSPHRASE),
};

const task = new URLSearchParams(location.search).get('do') ?? '';
const done = await (TASKS[task]?.() ?? Promise.reject(new Error(`no task ${task}`))).then(
  () => 'done',
  (error: unknown) => String(error),
);
await fetch('/done', { method: 'POST', body: done });
