import type { EnrolShortfall } from '../core/quality-gate.ts';
import type { DuplicateRule } from '../core/jobs.ts';
import { sha256 } from '../core/sha256.ts';
import { type FaceInput, prepareFace } from './face-input.ts';
import { of } from './people/coroutine.ts';
import { type Assigner, type AssignRule, withPeople } from './people/assigner.ts';
import { facesOfAppearance } from './recognition-steps.ts';
import type { StoredFace } from './stored.ts';
import type {
  GalleryDatabase,
  NewRecognition,
  SettledPhoto,
  StoredAppearance,
  StoredAppearances,
  StoredJob,
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

/** Somebody who was known by a face, as that face is called and whose it is now. @param otherwise - where it has no name */
function asNow<Who extends { readonly person: string; readonly personId?: string }>(
  { personId: _, ...who }: Who,
  { meta, personId }: StoredFace,
  otherwise: string,
): Who {
  const now = { ...who, person: meta || otherwise, ...(personId !== undefined && { personId }) };
  return now as unknown as Who;
}

/** What jobs need besides what a {@link JobStore} keeps. Every method throws NearFaceError. */
export class JobDesk {
  readonly #database: GalleryDatabase;
  readonly #assigner: Assigner;

  constructor(database: GalleryDatabase, assigner: Assigner) {
    this.#database = database;
    this.#assigner = assigner;
  }

  /**
   * A job without photos.
   *
   * @param bytes - what they will take up, as far as that is known; more than there is room for is `STORAGE_FULL`
   */
  async createJob(
    id: string,
    gallery: string,
    options: StoredJob['options'],
    bytes = 0,
    tag?: string,
  ): Promise<StoredJob> {
    await this.#database.checkRoom(bytes, 'The photos of the job');
    return this.#database.jobs.createJob(id, gallery, options, tag);
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

  /**
   * A job whose sources' bytes are yet to come.
   *
   * @param bytes - what they will take up; more than there is room for is `STORAGE_FULL`
   */
  async createRecognition(id: string, made: NewRecognition, bytes = 0): Promise<StoredRecognition> {
    await this.#database.checkRoom(bytes, 'The videos of the job');
    return this.#database.jobs.recognitions.createRecognition(id, made);
  }

  /** As they are called now. */
  async listAppearances(id: string, offset: number, limit: number): Promise<StoredAppearances> {
    const page = await this.#database.jobs.recognitions.listAppearances(id, offset, limit);
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
    const ids = new Set(appearances.flatMap(facesOfAppearance));
    if (ids.size === 0) return appearances;
    const faces = await this.#database.people.read((tx) => of(tx.faces.byIds([...ids])));
    const byId = new Map(faces.map((face) => [face.id, face]));
    return appearances.map((appearance) => {
      const face = byId.get(appearance.faceId ?? '');
      const named = face
        ? asNow(appearance, face, appearance.isUnknown ? appearance.person : face.id)
        : { ...appearance, person: appearance.person || (appearance.faceId ?? '') };
      const closest = appearance.closest.map((one) => {
        const theirs = byId.get(one.faceId);
        return theirs ? asNow(one, theirs, theirs.id) : { ...one, person: one.person || one.faceId };
      });
      return { ...named, closest };
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
