import type { AuditPage } from '../core/audit.ts';
import { DEFAULT_THRESHOLD } from '../core/confidence.ts';
import { badParam, NearFaceError } from '../core/errors.ts';
import type { OwnCalibration } from '../core/own-calibration.ts';
import { PairConfidence } from '../core/pair-confidence.ts';
import type {
  FacePage,
  FacePatch,
  FaceRecord,
  Grouping,
  ImportReport,
  GalleryStats,
  MetaCount,
  PictureKind,
} from '../core/records.ts';
import type { Face } from '../core/types.ts';
import type { ImageInput } from './image-input.ts';
import { type AssignRule, CALL, type FaceInput } from '../worker/contract.ts';
import { transfer } from 'comlink';
import { addEmbeddings, type EmbeddingItem } from './add-embeddings.ts';
import { auditGallery, type AuditOptions } from './audit.ts';
import { calibrateGallery, type CalibrateOptions } from './calibrate.ts';
import { analyseOne, requestFor } from './analyse.ts';
import {
  checkEmbedding,
  type EmbeddingProbe,
  isEmbeddingProbe,
  type Probe,
  readEmbedding,
  templateOf,
} from './compare.ts';
import { addMany, type AddManyReport, type EnrolItem } from './enrol.ts';
import type { AddReport } from './enrol-outcome.ts';
import { importFile } from './import-file.ts';
import { knownReliability, newFaces, withGallery } from './new-faces.ts';
import type {
  AddEmbeddingOptions,
  AddEmbeddingsOptions,
  AddManyOptions,
  AddOptions,
  ClusterOptions,
  CountOptions,
  ExportOptions,
  IdentifyOptions,
  ImportOptions,
  ListOptions,
  MetasOptions,
  ReplaceOptions,
  SearchOptions,
  SignalOptions,
  StatsOptions,
} from './options.ts';
import {
  resolveAddEmbedding,
  resolveCluster,
  resolveCount,
  resolveExport,
  resolveImport,
  resolveIdentify,
  resolveList,
  resolveMetas,
  resolveSearch,
  resolveStats,
} from './resolve-gallery-options.ts';
import { peopleRule, pickPeople } from './people-rule.ts';
import { boundsOf, type IdentifiedPerson, type Match, searchGallery } from './search-gallery.ts';
import type { Session } from './session.ts';
import { StoredFaces } from './stored-faces.ts';

/** What `gallery.identify` found for one face. */
export interface Identification {
  /** The probe's face; absent for an embedding. */
  readonly face?: Face;
  /** Stored faces at or above the threshold, best first. */
  readonly matches: readonly Match[];
}

/** What `gallery.identify` found for one face, by person. */
export interface PersonIdentification extends Identification {
  /** People at or above the threshold, each once, best first. */
  readonly matches: readonly IdentifiedPerson[];
}

/** Enrolled faces under one name. Handles are light: any number may stand for the same gallery. */
export class Gallery {
  /** As it was created. */
  readonly name: string;
  readonly #session: Session;
  readonly #faces: StoredFaces;

  /** @internal */
  constructor(session: Session, name: string) {
    this.#session = session;
    this.name = name;
    this.#faces = new StoredFaces(session, name);
  }

  /**
   * Enrols the face of a photo (with `faces: 'all'`, each face) and answers the new records. Faces below `minQuality`,
   * `minReliability` or `minLiveness` are left out and answered as `rejected`.
   *
   * @throws NearFaceError `NO_FACE`, `FACE_TOO_SMALL`, `TOO_MANY_FACES`, `FACE_EXISTS`, `GALLERY_FULL`,
   * `GALLERY_NOT_FOUND`, `MODEL_MISMATCH`, `STORAGE_FULL`, and those of `embed`; nothing is stored then
   */
  async add(image: ImageInput, options?: AddOptions): Promise<AddReport> {
    return this.#add(image, options);
  }

  /** @param turn - is waited for before anything is stored */
  async #add(image: ImageInput, options: AddOptions | undefined, turn?: Promise<void>): Promise<AddReport> {
    const { faces, rejected } = await newFaces(this.#session, this.name, image, options);
    await turn;
    const rule = peopleRule(this.#session, pickPeople(options));
    const records = faces.length > 0 ? await this.#store(faces, options?.signal, rule) : [];
    return { records, rejected };
  }

  /**
   * Enrols an embedding that was made before, such as a face of `embed` with its model and reliability. It is scaled to
   * unit length. A bare array is taken for the model in use, whatever made it, unless `modelId` says otherwise.
   *
   * @throws NearFaceError `BAD_PARAM` for a wrong length or a number that is not finite, and those of `add`
   */
  async addEmbedding(
    embedding: Float32Array | EmbeddingProbe,
    options?: AddEmbeddingOptions,
  ): Promise<FaceRecord> {
    const { signal, ...fields } = resolveAddEmbedding(options);
    const face = this.#bareFace(embedding, fields, 'embedding');
    const [record] = await this.#store([face], signal, peopleRule(this.#session, pickPeople(fields)));
    return record!;
  }

  /**
   * Enrols many embeddings that were made before, thousands in a transaction, and answers the new ids.
   *
   * @throws NearFaceError those of `addEmbedding`, naming the item, and `ABORTED`. What was stored before stays, as
   * `details.added` tells: a batch is stored whole or not at all
   */
  async addEmbeddings(
    items: Iterable<EmbeddingItem> | AsyncIterable<EmbeddingItem>,
    options?: AddEmbeddingsOptions,
  ): Promise<readonly string[]> {
    const prepare = ({ embedding, ...own }: EmbeddingItem, path: string): FaceInput => {
      const { signal: _, ...fields } = resolveAddEmbedding(own, path);
      return this.#bareFace(embedding, fields, `${path}.embedding`);
    };
    const rule = peopleRule(this.#session, pickPeople(options));
    return addEmbeddings(
      { prepare, store: (faces, signal) => this.#store(faces, signal, rule) },
      items,
      options,
    );
  }

  #bareFace(
    given: Float32Array | EmbeddingProbe,
    options: Omit<ReturnType<typeof resolveAddEmbedding>, 'signal'>,
    path: string,
  ): FaceInput {
    const probe = isEmbeddingProbe(given) ? given : { embedding: given };
    const {
      modelId = probe.modelId ?? this.#session.visionInfo.embedding.id,
      reliability = probe.reliability,
      galleries,
      people: _people,
      global: _global,
      personThreshold: _threshold,
      extra,
      ...fields
    } = options;
    const { embedding: vector } = checkEmbedding(this.#session, { ...probe, modelId }, path);
    return {
      ...fields,
      ...(extra !== undefined && extra !== null && { extra }),
      ...knownReliability(this.#session, reliability),
      galleries: withGallery(this.name, galleries),
      modelId,
      vector,
      pictures: {},
    };
  }

  /**
   * Enrols many photos, several at a time; their faces are stored in the order of the photos. A photo that cannot be enrolled is reported
   * and stops nothing.
   *
   * @throws NearFaceError `ABORTED` (what was enrolled before stays), `DISPOSED`, and what would fail for every
   * photo: `GALLERY_NOT_FOUND`, `GALLERY_FULL`, `STORAGE_FULL`
   */
  async addMany(
    items: Iterable<EnrolItem | ImageInput> | AsyncIterable<EnrolItem | ImageInput>,
    options?: AddManyOptions,
  ): Promise<AddManyReport> {
    const session = this.#session;
    const openings = session.galleryOpenings;
    const isInMemory = (): boolean => session.galleryInfo.kind === 'memory';
    return addMany(
      async (image, addOptions, turn) => {
        const report = await this.#add(image, addOptions, turn);
        if (isInMemory() && session.galleryOpenings !== openings) throw memoryEnded();
        return report;
      },
      items,
      options,
      {
        atOnce: session.concurrency,
        // Galleries in memory are gone with their worker: what follows would be put into new ones.
        isFatal: ({ code, details }) =>
          isInMemory() && code === 'WORKER_DIED' && details['worker'] === 'gallery',
      },
    );
  }

  /** The record of a face. @throws NearFaceError `FACE_NOT_FOUND` */
  async get(id: string): Promise<FaceRecord> {
    return this.#faces.get(id);
  }

  /**
   * The stored unit-length embedding of a face, a copy. Its reliability is in the face's record: hand both on together.
   *
   * @throws NearFaceError `FACE_NOT_FOUND`
   */
  async embedding(id: string): Promise<Float32Array<ArrayBuffer>> {
    return this.#faces.embedding(id);
  }

  /**
   * A stored picture of a face, or `null` if none of that kind was kept.
   *
   * @throws NearFaceError `FACE_NOT_FOUND`
   */
  async picture(id: string, kind: PictureKind): Promise<Blob | null> {
    return this.#faces.picture(id, kind);
  }

  /**
   * Changes a face's meta, person, camera, galleries, time of expiry, or what it carries besides.
   *
   * @throws NearFaceError `BAD_PARAM`, `FACE_NOT_FOUND`, `GALLERY_NOT_FOUND`, `GALLERY_FULL`, `MODEL_MISMATCH`
   */
  async update(id: string, patch: FacePatch): Promise<FaceRecord> {
    return this.#faces.update(id, patch);
  }

  /**
   * Puts the face of another photo in the place of one: embedding, reliability, box, hash and URL of the photo, pictures, and quality and
   * attributes if they are asked for, are the new photo's (what is not known of it is absent); id, number, meta, galleries, person, camera,
   * time of enrolment, `extra` and `expiresAt` stay. In one transaction. Where the new face is below `minQuality`, `minReliability` or `minLiveness` it is
   * answered as `rejected`, and nothing is changed.
   *
   * @throws NearFaceError `FACE_NOT_FOUND`, `MODEL_MISMATCH` of a face that another model embedded, `STORAGE_FAILED` of one whose embedding
   * is damaged, and those of `add`; nothing is changed then
   */
  async replace(id: string, image: ImageInput, options?: ReplaceOptions): Promise<AddReport> {
    return this.#faces.replace(id, image, options);
  }

  /**
   * The same change for several faces, all or none, also where it is aborted. Answers how many.
   *
   * @throws NearFaceError those of `update`; `ABORTED`
   */
  async updateMany(ids: readonly string[], patch: FacePatch, options?: SignalOptions): Promise<number> {
    return this.#faces.updateMany(ids, patch, options);
  }

  /**
   * Groups the gallery's faces by likely person, whatever their metas say (Chinese Whispers on the graph of all
   * pairs above the threshold). Naming a group is `updateMany(group.ids, { meta })`.
   *
   * @throws NearFaceError `BAD_PARAM`, `ABORTED`
   */
  async cluster(options?: ClusterOptions): Promise<Grouping> {
    const { threshold = DEFAULT_THRESHOLD, minSize, onProgress, signal } = resolveCluster(options);
    const request = {
      ...boundsOf(this.#session, PairConfidence.levelFor(threshold, this.#session.confidence, 1)),
      minSize,
    };
    return this.#session.gallery.ask('cluster', [this.name, request, CALL], { signal, onProgress });
  }

  /**
   * Looks through the gallery for faces that are unlike their namesakes, people who look like one, and faces that are there twice, page by
   * page; nothing is changed. Namesakes are what `identify({ by: 'person' })` takes for a person.
   *
   * @throws NearFaceError `BAD_PARAM`, also of a named threshold where the embedding model has no calibration, `MODEL_MISMATCH`, `ABORTED`
   */
  async audit(options?: AuditOptions): Promise<AuditPage> {
    return auditGallery(this.#session, this.name, options);
  }

  /**
   * Measures how alike the gallery's own people are, and tells what each named level means among them: how often two of them are taken for
   * one, and how often two photos of one person for two, with how certain that is, and which level to take. Wrong names count as errors: see
   * {@link Gallery.audit}. Nothing is changed.
   *
   * @throws NearFaceError `TOO_FEW_PEOPLE` of fewer than ten, or five with several faces; `BAD_PARAM`, also where the embedding model has
   * no calibration; `MODEL_MISMATCH`, `ABORTED`
   */
  async calibrate(options?: CalibrateOptions): Promise<OwnCalibration> {
    return calibrateGallery(this.#session, this.name, options);
  }

  /**
   * Takes faces out of this gallery; a face that is in no other is deleted for good, vector and pictures too.
   * All or none of them, also where it is aborted; on a full disk, if they are too many to be deleted at once, piece by piece. Answers
   * how many. In a database that is not encrypted the browser's files may hold them for a time: see docs/store.md.
   *
   * @throws NearFaceError `FACE_NOT_FOUND`, `ABORTED`
   */
  async delete(ids: string | readonly string[], options?: SignalOptions): Promise<number> {
    return this.#faces.delete(ids, options);
  }

  /** A page of the gallery's faces, in the order of enrolment. */
  async list(options?: ListOptions): Promise<FacePage> {
    const { signal, ...query } = resolveList(options);
    return this.#session.gallery.ask('listFaces', [this.name, query], { signal });
  }

  /**
   * The names in the gallery with the number of faces of each, all or a page of them; by name, as strings compare in JavaScript (UTF-16
   * unit by unit), so that no two are at one place.
   *
   * @throws NearFaceError `BAD_PARAM`
   */
  async metas(options?: MetasOptions): Promise<readonly MetaCount[]> {
    const { signal, ...page } = resolveMetas(options);
    return this.#session.gallery.ask('metas', [this.name, page], { signal });
  }

  /** How many faces are in the gallery, or how many of them pass a filter. @throws NearFaceError `BAD_PARAM` */
  async count(options?: CountOptions): Promise<number> {
    const { signal, ...filter } = resolveCount(options);
    return this.#session.gallery.ask('count', [this.name, filter], { signal });
  }

  /**
   * The gallery as a file: an archive with everything in it, encrypted if you like, JSON Lines, or the vectors alone as
   * a NumPy array. A face that is enrolled or deleted meanwhile may or may not be in it. A large file is on the disk,
   * not in memory. To save it, write it to a file handle (`await file.stream().pipeTo(writable)`) or let a link with
   * `URL.createObjectURL(file)` download it.
   *
   * @throws NearFaceError `BAD_PARAM`, `GALLERY_NOT_FOUND`, `MODEL_MISMATCH` if the gallery's embeddings are made anew
   * meanwhile, `ABORTED`
   */
  async export(options?: ExportOptions): Promise<Blob> {
    const { onProgress, signal, ...request } = resolveExport(options);
    return this.#session.gallery.ask('exportGallery', [this.name, request, CALL], { signal, onProgress });
  }

  /**
   * Enrols the faces of a file that {@link Gallery.export} wrote, of JSON Lines, or of a NumPy array of embeddings of
   * the model in use (without names), into this gallery only. A stream is read into a `Blob` first. All or none: a
   * damaged file, an abort or a full disk changes nothing, and what is stored when the page ends is taken back by
   * another instance, or when the database is opened next. Nobody sees any of the faces before the import's end, and then all
   * of them; their ids are taken meanwhile. One import into a database at a time.
   *
   * @throws NearFaceError `BAD_PARAM` or `MALFORMED_JSON` for a file that is damaged or of no known format, `LOCKED` for
   * a missing or wrong passphrase, `MODEL_MISMATCH` for another model's embeddings (those of Human and face-api among
   * them), `FACE_EXISTS`, `GALLERY_FULL`, `GALLERY_NOT_FOUND`, `STORAGE_FULL`, `STORAGE_FAILED` also if the database is
   * erased meanwhile, or if another import is under way, `ABORTED`
   */
  async import(file: Blob | ReadableStream<Uint8Array>, options?: ImportOptions): Promise<ImportReport> {
    const { onProgress, signal, ...given } = resolveImport(options);
    const request = { ...given, modelId: this.#session.visionInfo.embedding.id };
    const whole = await importFile(file, signal);
    return this.#session.gallery.ask('importGallery', [this.name, whole, request, CALL], {
      signal,
      settledByWorker: true,
      onProgress,
    });
  }

  /** What the gallery takes up and, if asked for, how often searches find what full ones find. */
  async stats(options?: StatsOptions): Promise<GalleryStats> {
    const { recallProbes, signal } = resolveStats(options);
    return this.#session.gallery.ask('stats', [this.name, recallProbes, CALL], { signal });
  }

  /**
   * Who is it (1:N): for each face used, the people that match it, each once with the faces behind it. Somebody with several faces is
   * compared by their template, the mean of the faces' embeddings weighted by their reliabilities.
   *
   * @throws NearFaceError as for `by: 'face'`
   */
  identify(
    probe: Probe,
    options: IdentifyOptions & { readonly by: 'person' },
  ): Promise<readonly PersonIdentification[]>;
  /**
   * Who is it (1:N): for each face used, the stored faces that match it. A face that nobody matches has an empty
   * list; an image without a face gives an empty array.
   *
   * @throws NearFaceError `BAD_PARAM`, `MODEL_MISMATCH`, `TOO_MANY_FACES` with `faces: 'reject'`, and those of `embed`
   */
  identify(probe: Probe, options?: IdentifyOptions): Promise<readonly Identification[]>;
  async identify(probe: Probe, options?: IdentifyOptions): Promise<readonly Identification[]> {
    const resolved = resolveIdentify(options);
    const template = readEmbedding(this.#session, probe, 'probe');
    if (template) {
      const [matches = []] = await searchGallery(this.#session, this.name, [template], resolved);
      return [{ matches }];
    }
    const request = requestFor(resolved, { embedding: true });
    const { faces } = await analyseOne(this.#session, probe as ImageInput, request, resolved.signal);
    const templates = faces.map((face) => templateOf(face, this.#session.assumedReliability));
    const found = await searchGallery(this.#session, this.name, templates, resolved);
    return faces.map((face, i) => ({ face, matches: found[i] ?? [] }));
  }

  /** The people most like each embedding, each once, by falling cosine. */
  search(
    embeddings: readonly (Float32Array | EmbeddingProbe)[],
    options: SearchOptions & { readonly by: 'person' },
  ): Promise<readonly (readonly IdentifiedPerson[])[]>;
  /** The stored faces most like each embedding, by falling cosine. */
  search(
    embeddings: readonly (Float32Array | EmbeddingProbe)[],
    options?: SearchOptions,
  ): Promise<readonly (readonly Match[])[]>;
  async search(
    embeddings: readonly (Float32Array | EmbeddingProbe)[],
    options?: SearchOptions,
  ): Promise<readonly (readonly Match[])[]> {
    const resolved = resolveSearch(options);
    if (!Array.isArray(embeddings)) throw badParam('embeddings', embeddings, 'an array of embeddings');
    const probes = embeddings.map((given: Float32Array | EmbeddingProbe, i) => {
      const probe = readEmbedding(this.#session, given, `embeddings[${i}]`);
      return probe ?? badEmbedding(given, i);
    });
    return searchGallery(this.#session, this.name, probes, resolved);
  }

  #store(
    faces: readonly FaceInput[],
    signal: AbortSignal | undefined,
    rule: AssignRule | undefined,
  ): Promise<readonly FaceRecord[]> {
    const moved = transfer(
      faces as FaceInput[],
      faces.map(({ vector }) => vector.buffer),
    );
    const options = { signal, settledByWorker: true };
    if (rule) return this.#session.gallery.ask('addFacesOfPeople', [moved, rule, CALL], options);
    return this.#session.gallery.ask('addFaces', [moved, CALL], options);
  }
}

function badEmbedding(value: unknown, i: number): never {
  throw badParam(`embeddings[${i}]`, value, 'a Float32Array (an embedding)');
}

/** Where galleries in memory ended with their worker while they were filled. */
function memoryEnded(): NearFaceError {
  return new NearFaceError(
    'WORKER_DIED',
    'The gallery worker ended, and with it the galleries that it kept in memory; enrol the photos again',
    { worker: 'gallery' },
  );
}
