import type { EnrolShortfall } from '../core/quality-gate.ts';
import type { DuplicateRule, JobError, JobItem, JobOutcome, JobStep } from '../core/jobs.ts';
import { sha256 } from '../core/sha256.ts';
import { type FaceInput, prepareFace } from './face-input.ts';
import { of } from './people/deed.ts';
import { type Assigner, type AssignRule, withPeople } from './people/assigner.ts';
import type {
  AnyStoredJob,
  GalleryDatabase,
  NewJobItem,
  NewRecognition,
  RecognitionStep,
  RecognitionStore,
  SettledPhoto,
  StoredAppearance,
  StoredAppearances,
  StoredJob,
  StoredJobItem,
  StoredRecognition,
} from './port.ts';

/** The faces of a job's photo that are to be enrolled. */
export interface JobFaces {
  readonly faces: readonly FaceInput[];
  /** What the others fell short of. */
  readonly shortfalls: readonly EnrolShortfall[];
  readonly duplicates: DuplicateRule;
  /** Where each is given the person it is of. */
  readonly people?: AssignRule;
}

/** Appearances that are looked through at a time. */
const LABELS_AT_ONCE = 200;

/** The stored jobs. Every method throws NearFaceError. */
export class JobShelf {
  readonly #database: GalleryDatabase;
  readonly #assigner: Assigner;

  constructor(database: GalleryDatabase, assigner: Assigner) {
    this.#database = database;
    this.#assigner = assigner;
  }

  get #recognitions(): RecognitionStore {
    return this.#database.jobs.recognitions;
  }

  listJobs(): Promise<readonly AnyStoredJob[]> {
    return this.#database.jobs.listJobs();
  }

  readJob(id: string): Promise<AnyStoredJob> {
    return this.#database.jobs.readJob(id);
  }

  /**
   * A job without photos.
   *
   * @param bytes - what they will take up, as far as that is known; more than there is room for is `STORAGE_FULL`
   */
  async createJob(id: string, gallery: string, options: StoredJob['options'], bytes = 0): Promise<StoredJob> {
    await this.#database.checkRoom(bytes, 'The photos of the job');
    return this.#database.jobs.createJob(id, gallery, options);
  }

  addJobItems(id: string, items: readonly NewJobItem[]): Promise<void> {
    return this.#database.jobs.addJobItems(id, items);
  }

  waitingItems(id: string, from: number, count: number): Promise<readonly StoredJobItem[]> {
    return this.#database.jobs.waitingItems(id, from, count);
  }

  listJobItems(id: string): Promise<readonly JobItem[]> {
    return this.#database.jobs.listJobItems(id);
  }

  settleJobItem(id: string, index: number, outcome: JobOutcome): Promise<StoredJob> {
    return this.#database.jobs.settleJobItem(id, index, outcome);
  }

  stepJob(id: string, step: JobStep, error?: JobError): Promise<AnyStoredJob> {
    return this.#database.jobs.stepJob(id, step, error);
  }

  /** Enrols the faces of a waiting photo and settles it, all or none. */
  async enrolJobItem(
    id: string,
    index: number,
    { faces, people, ...rules }: JobFaces,
  ): Promise<SettledPhoto> {
    const prepared = await Promise.all(faces.map((face, i) => prepareFace(face, `faces[${i}]`)));
    if (people)
      return this.#assigner.assign(prepared, people, (found) => {
        const photo = { ...rules, faces: withPeople(prepared, found) };
        return this.#database.jobs.enrolJobPeople(id, index, photo, found.plan);
      });
    return this.#database.jobs.enrolJobItem(id, index, { ...rules, faces: prepared });
  }

  retryJob(id: string): Promise<void> {
    return this.#database.jobs.retryJob(id);
  }

  deleteJob(id: string): Promise<void> {
    return this.#database.jobs.deleteJob(id);
  }

  /**
   * A job whose sources' bytes are yet to come.
   *
   * @param bytes - what they will take up; more than there is room for is `STORAGE_FULL`
   */
  async createRecognition(id: string, made: NewRecognition, bytes = 0): Promise<StoredRecognition> {
    await this.#database.checkRoom(bytes, 'The videos of the job');
    return this.#recognitions.createRecognition(id, made);
  }

  addSourcePiece(id: string, source: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#recognitions.addSourcePiece(id, source, bytes);
  }

  readSourcePiece(id: string, source: number, no: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#recognitions.readSourcePiece(id, source, no);
  }

  saveRecognition(id: string, step: RecognitionStep): Promise<StoredRecognition> {
    return this.#recognitions.saveRecognition(id, step);
  }

  readCheckpoint(id: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#recognitions.readCheckpoint(id);
  }

  /** As they are called now. */
  async listAppearances(id: string, offset: number, limit: number): Promise<StoredAppearances> {
    const page = await this.#recognitions.listAppearances(id, offset, limit);
    return { ...page, appearances: await this.#named(page.appearances) };
  }

  /** Who is in each source of a job that recognises, each once, in the order of their appearance. */
  async listLabels(id: string): Promise<readonly (readonly string[])[]> {
    const labels: Set<string>[] = [];
    for (let offset = 0, total = 1; offset < total; offset += LABELS_AT_ONCE) {
      const page = await this.listAppearances(id, offset, LABELS_AT_ONCE);
      for (const { source, person } of page.appearances) (labels[source] ??= new Set()).add(person);
      ({ total } = page);
    }
    return Array.from(labels, (each = new Set()) => [...each]);
  }

  /** Faces by which somebody is known may have been renamed, or given to others, since. */
  async #named(appearances: readonly StoredAppearance[]): Promise<readonly StoredAppearance[]> {
    const ids = new Set(appearances.flatMap(({ faceId }) => faceId ?? []));
    if (ids.size === 0) return appearances;
    const faces = await this.#database.people.read((tx) => of(tx.faces.byIds([...ids])));
    const byId = new Map(faces.map((face) => [face.id, face]));
    return appearances.map((appearance) => {
      const { meta, personId } = byId.get(appearance.faceId ?? '') ?? {};
      return {
        ...appearance,
        ...(meta && { person: meta }),
        ...(personId !== undefined && { personId }),
      };
    });
  }

  /** Ids of a gallery's faces that were enrolled from a photo, a file's bytes. */
  async facesOfFile(gallery: string, photo: Uint8Array<ArrayBuffer>): Promise<readonly string[]> {
    return this.facesOfPhoto(gallery, await sha256(photo));
  }

  /** The same by the photo's sha256, lower-case hex. */
  facesOfPhoto(gallery: string, photoHash: string): Promise<readonly string[]> {
    return this.#database.facesOfPhoto(gallery, photoHash);
  }
}
