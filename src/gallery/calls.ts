/** What the page may ask of the galleries, by name: what the engine does, and what needs no open database. */
import type { DatabaseKey } from '../core/database-key.ts';
import type { Call } from '../core/call.ts';
import type { StorageUsage } from '../core/records.ts';
import type { ZipEntry } from '../core/zip-entry.ts';
import type { GalleryEngine } from './gallery-engine.ts';
import type { EntryDesk } from './people/entry-desk.ts';
import type { PeopleDesk } from './people/people-desk.ts';
import type { JobDesk } from './job-desk.ts';
import type { JobStore, RecognitionStore, RegeneratedStore, ProtectedStore } from './port.ts';
import type { HistoryTransfer } from './transfer/history-transfer.ts';
import type { Transfer } from './transfer/transfer.ts';

export type { FaceInput } from './face-input.ts';
export type { FreshEmbedding, NewJobItem, SettledPhoto, StaleFace, StoredJobItem } from './port.ts';
export type * from './stored-jobs.ts';
export type { AssignRule } from './people/assigner.ts';
export type { FoundPerson, SightingInput } from './people/entry-desk.ts';
export type { EngineAudit, EngineAudited, EngineAuditPage, EngineFinding } from './audit-findings.ts';
export type { EngineCalibration } from './calibrator.ts';
export type { EnginePerson, EnginePersonSearch, PeopleCount } from './person-searcher.ts';
export type { EngineCluster, EngineHit, EngineSearch } from './searcher.ts';

/** The asynchronous methods of a part. */
type MethodsOf<Part> = {
  readonly [
    Name in keyof Part as Part[Name] extends (...args: never[]) => Promise<unknown> ? Name : never
  ]: Part[Name];
};

/** The calls that whoever opens and locks the engine answers. */
export interface HostCalls {
  info(): Promise<GalleryInfo>;
  /** Forgets keys and faces; every call on galleries is `LOCKED` then. */
  lock(): Promise<void>;
  unlock(key: DatabaseKey, call: Call): Promise<void>;
  /** The files of a zip; see `sources/zip.ts`. */
  listZip(zip: Blob, call: Call): Promise<readonly ZipEntry[]>;
  /** One of them, unpacked. */
  openZipEntry(zip: Blob, entry: ZipEntry, call: Call): Promise<Blob>;
}

/** What the galleries' host found when it opened them. */
export interface GalleryInfo extends StorageUsage {
  /** The library's version. */
  readonly version: string;
  /** What is missing here, in words. */
  readonly warnings: readonly string[];
}

/** Verbs of the database's port that a page calls as they are; the others have one of the engine's before them. */
interface PortCalls {
  readonly jobs: Omit<JobStore, 'recognitions' | 'createJob' | 'enrolJobItem' | 'enrolJobPeople'>;
  readonly recognitions: Omit<RecognitionStore, 'createRecognition' | 'listAppearances'>;
  readonly regenerated: Omit<RegeneratedStore, 'putRegenerated' | 'swapRegenerated'>;
  readonly protection: Pick<ProtectedStore, 'addPasskey' | 'listPasskeys' | 'removePasskey'>;
}

/** Their names. */
export const PORT_CALLS: {
  readonly [Port in keyof PortCalls]: { readonly [Name in keyof PortCalls[Port]]: true };
} = {
  jobs: {
    listJobs: true,
    readJob: true,
    addJobItems: true,
    waitingItems: true,
    listJobItems: true,
    settleJobItem: true,
    stepJob: true,
    retryJob: true,
    deleteJob: true,
    takeJob: true,
    leaveJob: true,
    isJobTaken: true,
  },
  recognitions: { addSourcePiece: true, readSourcePiece: true, saveRecognition: true, readCheckpoint: true },
  regenerated: { countStale: true, nextStale: true },
  protection: { addPasskey: true, listPasskeys: true, removePasskey: true },
};

/** All calls. */
export type GalleryCalls = HostCalls &
  PortCalls['jobs'] &
  PortCalls['recognitions'] &
  PortCalls['regenerated'] &
  PortCalls['protection'] &
  MethodsOf<GalleryEngine> &
  MethodsOf<JobDesk> &
  MethodsOf<PeopleDesk> &
  MethodsOf<EntryDesk> &
  MethodsOf<HistoryTransfer> &
  MethodsOf<Transfer>;
