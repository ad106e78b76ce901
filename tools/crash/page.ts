/** Runs in the page: opens the store, tells what is in it, then does as it is told until the browser is killed. */
import { proxy, type Remote, wrap } from 'comlink';
import type { FaceInput, GalleryApi, GalleryCalls } from '../../src/worker/contract.ts';
import { callsOf, value } from '../gallery-calls.ts';
import { blobOf } from '../../src/core/stream-blob.ts';
import { type ArchiveFace, writeArchive } from '../../src/gallery/transfer/archive.ts';
import { slotsOf } from '../../src/gallery/indexeddb/slots.ts';
import { DIMENSION, pictureOf, reliabilityOf, vectorOf } from './faces.ts';
import { findAll } from './found.ts';
import type { NewFace as Added, Operation } from './operation.ts';
import type { DiscardMessage, Order, ReachedMessage, Report, Stage, Tab } from './protocol.ts';

const DATABASE = 'crash';

const CONFIG = { assets: `${location.origin}/lib/`, database: DATABASE, storage: 'required' } as const;

const REGENERATED_AT_ONCE = 100;

const REST_MS = 10;

/** Started by the page itself; see `site.ts`. */
declare const worker: Worker;

/** Where reports go. */
const desk = new URLSearchParams(location.search).get('desk') as string;

async function tell(report: Report): Promise<Order> {
  const response = await fetch(desk, { method: 'POST', body: JSON.stringify(report) });
  return (await response.json()) as Order;
}

let told: Promise<unknown> = Promise.resolve();

/** Tells it after those before it. */
function reached(stage: Stage): void {
  told = told.then(() => tell({ kind: 'reached', stage }));
}

function toNewFace({ id, meta, galleries, picture, photo, model }: Added): FaceInput {
  const pictures = picture ? { crop: new Blob([pictureOf(id)], { type: 'image/png' }) } : {};
  const reliability = reliabilityOf(id, model);
  const photoHash = photo === undefined ? {} : { photoHash: photo };
  const vector = vectorOf(id, model);
  return { id, meta, galleries, modelId: model, vector, reliability, pictures, ...photoHash };
}

/** Faces as a file that an export would be. */
function archiveOf(gallery: string, faces: readonly Added[]): Promise<Blob> {
  async function* all(): AsyncGenerator<ArchiveFace, void> {
    for (const { id, meta, galleries, picture, model } of faces) {
      const facts = { id, meta, galleries, modelId: model, reliability: reliabilityOf(id, model) };
      const record = { ...facts, timestamp: Date.now(), pictures: [] };
      const bytes = pictureOf(id).buffer;
      yield {
        record,
        vector: vectorOf(id, model),
        pictures: picture ? [{ kind: 'crop', type: 'image/png', bytes }] : [],
      };
    }
  }
  const modelId = modelOf(faces);
  const facts = { gallery, modelId, dimension: DIMENSION, createdAt: Date.now(), faces: faces.length };
  return blobOf(writeArchive({ ...facts, pictures: ['crop'] }, all()), 'application/x-nearface');
}

function modelOf(faces: readonly Added[]): string {
  return (faces[0] as Added).model;
}

/** Makes all embeddings anew, as the library does, and goes over to them. */
async function regenerate(calls: GalleryCalls, model: string): Promise<unknown> {
  for (let after = 0; ;) {
    const stale = await calls.nextStale(model, after, REGENERATED_AT_ONCE);
    const last = stale.at(-1);
    if (!last) return calls.swapRegenerated(model, 'keep');
    after = last.seq;
    const made = stale.map(({ seq, id }) => ({
      seq,
      vector: vectorOf(id, model),
      reliability: reliabilityOf(id, model),
    }));
    await calls.putRegenerated(model, made);
  }
}

async function perform(api: Remote<GalleryApi>, operation: Operation): Promise<unknown> {
  const calls = callsOf(api);
  switch (operation.kind) {
    case 'add':
      return calls.addFaces(operation.faces.map(toNewFace));
    case 'import': {
      const { gallery, faces } = operation;
      const request = { ids: 'keep', duplicates: 'add', modelId: modelOf(faces) } as const;
      return calls.importGallery(gallery, await archiveOf(gallery, faces), request);
    }
    case 'delete':
      return calls.deleteFaces(operation.gallery, operation.ids);
    case 'update': {
      const { gallery, id, meta, galleries } = operation;
      return calls.updateFace(gallery, id, { meta, galleries: { set: galleries } });
    }
    case 'replace': {
      const { id, picture, model } = operation;
      const face = toNewFace({ id, meta: '', galleries: ['default'], picture, model });
      return calls.replaceFace(null, id, face);
    }
    case 'create-gallery':
      return calls.createGallery(operation.gallery, operation.capacity);
    case 'delete-gallery':
      return calls.deleteGallery(operation.gallery, operation.withFaces);
    case 'create-job':
      return calls.createJob(operation.job, operation.gallery, {}, 0);
    case 'stage':
      return calls.addJobItems(
        operation.job,
        operation.photos.map((name) => ({ name, meta: '', photo: pictureOf(name), type: 'image/png' })),
      );
    case 'step-job':
      return calls.stepJob(operation.job, operation.step);
    case 'enrol': {
      const { job, index, faces } = operation;
      const request = { faces: faces.map(toNewFace), shortfalls: [], duplicates: 'replace' } as const;
      return calls.enrolJobItem(job, index, request);
    }
    case 'delete-job':
      return calls.deleteJob(operation.job);
    case 'regenerate':
      return regenerate(calls, operation.model);
    case 'encrypt':
      return calls.encrypt(operation.passphrase, {});
    case 'rekey': {
      const { passphrase, next, rekey } = operation;
      return calls.changePassphrase(passphrase, next, rekey, {});
    }
    case 'renew':
      return calls.renew({});
    case 'erase-all':
      return calls.eraseAll();
    case 'drop':
      value(await api.letGo());
      value(await api.deleteDatabase(DATABASE));
      return value(await api.open(1, CONFIG, silent()));
  }
}

const silent = () => proxy(() => undefined);

/** What may open the database: `null` for a plain one. Passphrases of which one is in flight are all tried. */
const candidates = JSON.parse(new URLSearchParams(location.search).get('open') as string) as readonly (
  string | null
)[];

/** How many physical databases there are of the one. */
async function countSlots(): Promise<number> {
  const slots = slotsOf(DATABASE);
  return (await indexedDB.databases()).filter(({ name = '' }) => slots.includes(name)).length;
}

/** Opens the database, and answers by what. */
async function open(api: Remote<GalleryApi>): Promise<string | null> {
  const refused: string[] = [];
  // Without one comes first: given to a plain database, a passphrase would encrypt it.
  for (const passphrase of candidates.toSorted((a, b) => Number(a !== null) - Number(b !== null))) {
    const given = passphrase === null ? CONFIG : { ...CONFIG, key: passphrase };
    const opened = await api.open(1, given, silent());
    if (opened.ok) return passphrase;
    refused.push(`${opened.error.code}: ${opened.error.message}`);
    if (opened.error.code !== 'LOCKED') break;
  }
  throw new Error(refused.join('; '));
}

/** Does as one worker is told. */
async function obey(api: Remote<GalleryApi>, first: Order, tab: Tab): Promise<void> {
  for (let order = first; order.kind !== 'stop';) {
    if (order.kind === 'rest') {
      await new Promise((done) => setTimeout(done, REST_MS));
      order = await tell({ kind: 'ready', tab });
    } else {
      await perform(api, order);
      order = await tell({ kind: 'done', tab });
    }
  }
}

/** A second worker on the same database, if there is to be one. */
async function beside(): Promise<void> {
  const order = await tell({ kind: 'ready', tab: 1 });
  if (order.kind === 'stop') return;
  const api = wrap<GalleryApi>(new Worker('/worker.js', { type: 'module' }));
  await open(api);
  await obey(api, order, 1);
}

async function run(): Promise<void> {
  const died = new Promise<never>((_, reject) =>
    worker.addEventListener('error', ({ message }) => reject(new Error(`the worker died: ${message}`))),
  );
  let discarded: string | undefined;
  worker.addEventListener(
    'message',
    ({ data }: MessageEvent<Partial<DiscardMessage & ReachedMessage> | undefined>) => {
      discarded ??= data?.discarded;
      if (data?.reached !== undefined) reached(data.reached);
    },
  );
  reached('page');
  const work = async (): Promise<void> => {
    const api = wrap<GalleryApi>(worker);
    const slots = await countSlots();
    const passphrase = await open(api);
    reached('galleries');
    const found = await findAll(callsOf(api), DATABASE, passphrase);
    const first = await tell({
      kind: 'found',
      found: { ...found, slots, ...(discarded !== undefined && { discarded }) },
    });
    await Promise.all([obey(api, first, 0), beside()]);
  };
  await Promise.race([work(), died]);
}

run().catch((error: unknown) => tell({ kind: 'failed', why: String(error) }));
