/** What the rules of jobs ask of a database, within one transaction. */
import type { JobItem, JobItemStatus } from '../core/jobs.ts';
import { jobExists, jobNotFound } from './job-steps.ts';
import { type Coroutine, type Later, of } from './people/coroutine.ts';
import type { GrowingTables } from './people/tables.ts';
import type { AnyStoredJob, StoredAppearance, StoredAppearances, StoredJobItem } from './port.ts';
import type { StoredFace } from './stored.ts';

/** A view of the database. What is put is the database's own from then on. */
export interface JobTables {
  readonly jobs: JobTable;
  readonly items: JobItemTable;
  readonly sources: JobSourceTable;
  /** @throws NearFaceError `GALLERY_NOT_FOUND` */
  readGallery(name: string): Later<unknown>;
}

/** The same where faces are enrolled as well. */
export interface EnrollingTables extends JobTables, GrowingTables {
  /** The faces of a gallery that were enrolled from a photo, by the sha256 of its bytes. */
  facesOfPhoto(gallery: string, photoHash: string): Later<readonly StoredFace[]>;
  removeFromGallery(gallery: string, faces: readonly StoredFace[]): Later<unknown>;
}

/** Runs coroutines, each in a transaction: wholly or not at all. */
export interface JobWork {
  read<T>(coroutine: (tx: JobTables) => Coroutine<T>): Promise<T>;
  write<T>(coroutine: (tx: JobTables) => Coroutine<T>): Promise<T>;
  /** One that may touch faces as well. */
  enrol<T>(coroutine: (tx: EnrollingTables) => Coroutine<T>): Promise<T>;
}

/** The jobs themselves. */
export interface JobTable {
  /** In no order. */
  all(): Later<readonly AnyStoredJob[]>;
  byId(id: string): Later<AnyStoredJob | undefined>;
  put(job: AnyStoredJob): Later<void>;
  /** With all that is stored of it alone. */
  delete(id: string): Later<void>;
}

/** The photos of jobs that enrol. */
export interface JobItemTable {
  byNumber(job: string, index: number): Later<StoredJobItem | undefined>;
  /** Those that wait, or failed, from a number on, in their order; all of them where no `count` is given. */
  ofStatus(job: string, status: JobItemStatus, from: number, count?: number): Later<readonly StoredJobItem[]>;
  /** All of a job in their order, without their bytes. */
  list(job: string): Later<readonly JobItem[]>;
  put(job: string, items: readonly StoredJobItem[]): Later<void>;
}

/** What jobs that recognise work at, and what they have seen. */
export interface JobSourceTable {
  /** Keeps the next piece of a source's bytes. */
  addPiece(job: string, source: number, bytes: Uint8Array<ArrayBuffer>): Later<void>;
  piece(job: string, source: number, no: number): Later<Uint8Array<ArrayBuffer> | null>;
  dropPieces(job: string, source: number): Later<void>;
  checkpoint(job: string): Later<Uint8Array<ArrayBuffer> | null>;
  putCheckpoint(job: string, bytes: Uint8Array<ArrayBuffer>): Later<void>;
  /** In their order; what is damaged is left out. */
  appearances(job: string, offset: number, limit: number): Later<StoredAppearances>;
  /** Each in the place of the one of its track. */
  putAppearances(job: string, appearances: readonly StoredAppearance[]): Later<void>;
  dropAppearances(job: string, source: number): Later<void>;
}

/** @throws NearFaceError `BAD_PARAM` */
export function* readJob({ jobs }: JobTables, id: string): Coroutine<AnyStoredJob> {
  const job = yield* of(jobs.byId(id));
  if (job) return job;
  throw jobNotFound(id);
}

/** @throws NearFaceError `BAD_PARAM` of an id that another one has */
export function* addJob<Job extends AnyStoredJob>({ jobs }: JobTables, job: Job): Coroutine<Job> {
  if (yield* of(jobs.byId(job.id))) throw jobExists(job.id);
  yield* of(jobs.put(job));
  return job;
}
