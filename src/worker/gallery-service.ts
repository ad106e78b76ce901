import type {
  Damage,
  Encryption,
  ExportFormat,
  FaceFilter,
  FacePage,
  FacePatch,
  FaceRecord,
  GalleryStats,
  GallerySummary,
  Grouping,
  ImportReport,
  MetaCount,
  PassphraseChange,
  PictureKind,
  TendTask,
} from '../core/records.ts';
import type { JobError, JobItem, JobOutcome, JobStep } from '../core/jobs.ts';
import { sha256 } from '../core/sha256.ts';
import { deleteDatabase } from '../gallery/indexeddb/slots.ts';
import type { ZipEntry } from '../core/zip-entry.ts';
import { listZip } from '../sources/zip.ts';
import { openZipEntry } from '../sources/zip-entry.ts';
import type {
  ClusterRequest,
  GalleryApi,
  NewFace,
  ReportProgress,
  SearchHit,
  SearchRequest,
  WireFresh,
  WireImport,
  WireJob,
  WireJobFaces,
  WireJobItem,
  WireSettledPhoto,
  WireResult,
  WireStale,
} from './contract.ts';
import { exportReporter } from '../gallery/transfer/export.ts';
import { answer } from './jobs.ts';
import { OpenGallery } from './open-gallery-service.ts';
import { encryptReporter } from './start-gallery-service.ts';

/** The gallery worker's side of the contract: errors as plain data, jobs that can be aborted by number. */
export class GalleryService extends OpenGallery implements GalleryApi {
  encrypt(job: number, passphrase: string, report: ReportProgress): Promise<WireResult<Encryption>> {
    return this.jobs.answer(job, (signal) => {
      const { database, protection } = this.opened();
      return protection.encrypt(passphrase, { onProgress: encryptReporter(database, report), signal });
    });
  }

  changePassphrase(
    job: number,
    current: string,
    next: string,
    rekey: boolean,
    report: ReportProgress,
  ): Promise<WireResult<PassphraseChange>> {
    return this.jobs.answer(job, (signal) => {
      const { database, protection } = this.opened();
      const onProgress = encryptReporter(database, report);
      return protection.changePassphrase(current, next, { rekey, onProgress, signal });
    });
  }

  deleteDatabase(name: string): Promise<WireResult<void>> {
    return answer(() => deleteDatabase(name));
  }

  listGalleries(): Promise<WireResult<readonly GallerySummary[]>> {
    return this.call((engine) => engine.listGalleries());
  }

  createGallery(name: string, capacity: number | null): Promise<WireResult<GallerySummary>> {
    return this.call((engine) => engine.createGallery(name, capacity));
  }

  deleteGallery(name: string): Promise<WireResult<void>> {
    return this.call((engine) => engine.deleteGallery(name));
  }

  addFaces(job: number, faces: readonly NewFace[]): Promise<WireResult<readonly FaceRecord[]>> {
    return this.jobs.answer(job, (signal) => this.opened().addFaces(faces, signal));
  }

  getFace(gallery: string, id: string): Promise<WireResult<FaceRecord>> {
    return this.call((engine) => engine.getFace(gallery, id));
  }

  getVector(gallery: string, id: string): Promise<WireResult<Float32Array<ArrayBuffer>>> {
    return this.call((engine) => engine.getVector(gallery, id));
  }

  getPicture(gallery: string, id: string, kind: PictureKind): Promise<WireResult<Blob | null>> {
    return this.call((engine) => engine.getPicture(gallery, id, kind));
  }

  updateFace(gallery: string, id: string, patch: FacePatch): Promise<WireResult<FaceRecord>> {
    return this.call((engine) => engine.updateFace(gallery, id, patch));
  }

  updateFaces(gallery: string, ids: readonly string[], patch: FacePatch): Promise<WireResult<number>> {
    return this.call((engine) => engine.updateFaces(gallery, ids, patch));
  }

  cluster(
    job: number,
    gallery: string,
    request: ClusterRequest,
    report: ReportProgress,
  ): Promise<WireResult<Grouping>> {
    const onProgress = (done: number, total: number): void =>
      report({ phase: 'cluster', item: gallery, done, total });
    return this.jobs.answer(job, (signal) => this.opened().cluster(gallery, request, onProgress, signal));
  }

  deleteFaces(gallery: string, ids: readonly string[]): Promise<WireResult<number>> {
    return this.call((engine) => engine.deleteFaces(gallery, ids));
  }

  listFaces(
    gallery: string,
    query: FaceFilter & { readonly limit: number; readonly cursor?: string; readonly skip?: number },
  ): Promise<WireResult<FacePage>> {
    return this.call((engine) => engine.listFaces(gallery, query));
  }

  metas(gallery: string): Promise<WireResult<readonly MetaCount[]>> {
    return this.call((engine) => engine.metas(gallery));
  }

  count(gallery: string): Promise<WireResult<number>> {
    return this.call((engine) => engine.count(gallery));
  }

  stats(job: number, gallery: string, recallProbes: number): Promise<WireResult<GalleryStats>> {
    return this.jobs.answer(job, (signal) => this.opened().stats(gallery, recallProbes, signal));
  }

  eraseAll(): Promise<WireResult<void>> {
    return this.call((engine) => engine.eraseAll());
  }

  tend(job: number, task: TendTask): Promise<WireResult<Damage>> {
    return this.jobs.answer(job, (signal) => this.opened().tend(task, signal));
  }

  search(
    job: number,
    gallery: string,
    request: SearchRequest,
  ): Promise<WireResult<readonly (readonly SearchHit[])[]>> {
    return this.jobs.answer(job, (signal) => this.opened().search(gallery, request, signal));
  }

  exportGallery(
    job: number,
    gallery: string,
    request: { readonly format: ExportFormat; readonly pictures: boolean; readonly passphrase?: string },
    report: ReportProgress,
  ): Promise<WireResult<Blob>> {
    const onProgress = exportReporter(gallery, report);
    return this.jobs.answer(job, (signal) =>
      this.opened().transfer.exportGallery(gallery, request, onProgress, signal),
    );
  }

  importGallery(
    job: number,
    gallery: string,
    file: Blob,
    request: WireImport,
    report: ReportProgress,
  ): Promise<WireResult<ImportReport>> {
    const onProgress = (done: number, total: number): void =>
      report({ phase: 'import', item: gallery, done, total });
    return this.jobs.answer(job, (signal) =>
      this.opened().transfer.importGallery(gallery, file, request, onProgress, signal),
    );
  }

  listJobs(): Promise<WireResult<readonly WireJob[]>> {
    return this.call((engine) => engine.jobs.listJobs());
  }

  readJob(id: string): Promise<WireResult<WireJob>> {
    return this.call((engine) => engine.jobs.readJob(id));
  }

  listZip(job: number, zip: Blob): Promise<WireResult<readonly ZipEntry[]>> {
    return this.jobs.answer(job, (signal) => listZip(zip, signal));
  }

  openZipEntry(job: number, zip: Blob, entry: ZipEntry): Promise<WireResult<Blob>> {
    return this.jobs.answer(job, (signal) => openZipEntry(zip, entry, signal));
  }

  createJob(
    id: string,
    gallery: string,
    options: WireJob['options'],
    bytes: number,
  ): Promise<WireResult<WireJob>> {
    return this.call((engine) => engine.jobs.createJob(id, gallery, options, bytes));
  }

  addJobItems(
    id: string,
    items: readonly Pick<WireJobItem, 'name' | 'meta' | 'photo' | 'type'>[],
  ): Promise<WireResult<void>> {
    return this.call((engine) => engine.jobs.addJobItems(id, items));
  }

  waitingItems(id: string, from: number, count: number): Promise<WireResult<readonly WireJobItem[]>> {
    return this.call((engine) => engine.jobs.waitingItems(id, from, count));
  }

  listJobItems(id: string): Promise<WireResult<readonly JobItem[]>> {
    return this.call((engine) => engine.jobs.listJobItems(id));
  }

  settleJobItem(id: string, index: number, outcome: JobOutcome): Promise<WireResult<WireJob>> {
    return this.call((engine) => engine.jobs.settleJobItem(id, index, outcome));
  }

  enrolJobItem(id: string, index: number, faces: WireJobFaces): Promise<WireResult<WireSettledPhoto>> {
    return this.call((engine) => engine.jobs.enrolJobItem(id, index, faces));
  }

  stepJob(id: string, step: JobStep, error?: JobError): Promise<WireResult<WireJob>> {
    return this.call((engine) => engine.jobs.stepJob(id, step, error));
  }

  retryJob(id: string): Promise<WireResult<void>> {
    return this.call((engine) => engine.jobs.retryJob(id));
  }

  deleteJob(id: string): Promise<WireResult<void>> {
    return this.call((engine) => engine.jobs.deleteJob(id));
  }

  countStale(modelId: string): Promise<WireResult<{ readonly stale: number; readonly made: number }>> {
    return this.call((engine) => engine.regenerator.countStale(modelId));
  }

  nextStale(modelId: string, afterSeq: number, count: number): Promise<WireResult<readonly WireStale[]>> {
    return this.call((engine) => engine.regenerator.nextStale(modelId, afterSeq, count));
  }

  putRegenerated(modelId: string, made: readonly WireFresh[]): Promise<WireResult<void>> {
    return this.call((engine) => engine.regenerator.putRegenerated(modelId, made));
  }

  swapRegenerated(
    job: number,
    modelId: string,
    missing: 'keep' | 'delete',
  ): Promise<WireResult<{ readonly swapped: number; readonly deleted: number }>> {
    return this.jobs.answer(job, (signal) =>
      this.opened().regenerator.swapRegenerated(modelId, missing, signal),
    );
  }

  facesOfPhoto(gallery: string, photo: Uint8Array<ArrayBuffer>): Promise<WireResult<readonly string[]>> {
    return this.call(async (engine) => engine.jobs.facesOfPhoto(gallery, await sha256(photo)));
  }

  abort(job: number): void {
    this.jobs.abort(job);
  }
}
