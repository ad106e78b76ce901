/** Runs in the page: opens the store, tells what is in it, then does as it is told until the browser is killed. */
import { proxy, type Remote, wrap } from 'comlink';
import type { GalleryApi, NewFace } from '../../src/worker/contract.ts';
import { blobOf } from '../../src/core/stream-blob.ts';
import { type ArchiveFace, writeArchive } from '../../src/gallery/transfer/archive.ts';
import { DIMENSION, MODEL, pictureOf, reliabilityOf, vectorOf } from './faces.ts';
import { findAll, value } from './found.ts';
import type { NewFace as Added, Operation } from './operation.ts';
import type { DiscardMessage, Order, ReachedMessage, Report, Stage } from './protocol.ts';

const DATABASE = 'crash';

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

function toNewFace({ id, meta, galleries, picture, photo }: Added): NewFace {
  const pictures = picture ? { crop: new Blob([pictureOf(id)], { type: 'image/png' }) } : {};
  const reliability = reliabilityOf(id);
  const photoHash = photo === undefined ? {} : { photoHash: photo };
  return { id, meta, galleries, modelId: MODEL, vector: vectorOf(id), reliability, pictures, ...photoHash };
}

/** Faces as a file that an export would be. */
function archiveOf(gallery: string, faces: readonly Added[]): Promise<Blob> {
  async function* all(): AsyncGenerator<ArchiveFace, void> {
    for (const { id, meta, galleries, picture } of faces) {
      const facts = { id, meta, galleries, modelId: MODEL, reliability: reliabilityOf(id) };
      const record = { ...facts, timestamp: Date.now(), pictures: [] };
      const bytes = pictureOf(id).buffer;
      yield {
        record,
        vector: vectorOf(id),
        pictures: picture ? [{ kind: 'crop', type: 'image/png', bytes }] : [],
      };
    }
  }
  const facts = { gallery, modelId: MODEL, dimension: DIMENSION, createdAt: Date.now(), faces: faces.length };
  return blobOf(writeArchive({ ...facts, pictures: ['crop'] }, all()), 'application/x-nearface');
}

async function perform(api: Remote<GalleryApi>, operation: Operation): Promise<unknown> {
  switch (operation.kind) {
    case 'add':
      return value(await api.addFaces(2, operation.faces.map(toNewFace)));
    case 'import': {
      const { gallery, faces } = operation;
      const request = { ids: 'keep', duplicates: 'add', modelId: MODEL } as const;
      const report = proxy(() => undefined);
      return value(await api.importGallery(3, gallery, await archiveOf(gallery, faces), request, report));
    }
    case 'delete':
      return value(await api.deleteFaces(operation.gallery, operation.ids));
    case 'update': {
      const { gallery, id, meta, galleries } = operation;
      return value(await api.updateFace(gallery, id, { meta, galleries: { set: galleries } }));
    }
    case 'create-gallery':
      return value(await api.createGallery(operation.gallery, operation.capacity));
    case 'delete-gallery':
      return value(await api.deleteGallery(operation.gallery));
    case 'create-job':
      return value(await api.createJob(operation.job, operation.gallery, {}, 0));
    case 'stage':
      return value(
        await api.addJobItems(
          operation.job,
          operation.photos.map((name) => ({ name, meta: '', photo: pictureOf(name), type: 'image/png' })),
        ),
      );
    case 'step-job':
      return value(await api.stepJob(operation.job, operation.step));
    case 'enrol': {
      const { job, index, faces } = operation;
      const request = { faces: faces.map(toNewFace), shortfalls: [], duplicates: 'replace' } as const;
      return value(await api.enrolJobItem(job, index, request));
    }
    case 'delete-job':
      return value(await api.deleteJob(operation.job));
    case 'erase-all':
      return value(await api.eraseAll());
  }
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
    const config = { assets: `${location.origin}/lib/`, database: DATABASE };
    value(
      await api.open(
        1,
        config,
        proxy(() => undefined),
      ),
    );
    reached('galleries');
    const found = await findAll(api, DATABASE);
    let order = await tell({
      kind: 'found',
      found: { ...found, ...(discarded !== undefined && { discarded }) },
    });
    for (;;) {
      await perform(api, order);
      order = await tell({ kind: 'done' });
    }
  };
  await Promise.race([work(), died]);
}

run().catch((error: unknown) => tell({ kind: 'failed', why: String(error) }));
