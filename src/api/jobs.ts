import { transfer } from 'comlink';
import { badParam, NearFaceError, throwIfAborted } from '../core/errors.ts';
import type { JobSummary } from '../core/jobs.ts';
import { MAX_JOB_ID_LENGTH } from '../core/limits.ts';
import { string } from '../core/options.ts';
import { randomId } from '../core/random-id.ts';
import { listPhotos, type ListedPhoto, type PhotoSource } from '../sources/files.ts';
import { loadMetaRule, metaFor, type ResolvedMetaRule } from '../sources/meta-rule.ts';
import type { ZipReader } from '../sources/zip-entry.ts';
import { CALL, type StoredJobItem } from '../worker/contract.ts';
import { EnrolJob } from './enrol-job.ts';
import { importFile } from './import-file.ts';
import { JobRuns, summaryOf } from './job-facts.ts';
import type { EnrolJobOptions } from './options.ts';
import { RecogniseJob } from './recognise-job.ts';
import { type RecogniseOptions, type RecogniseSource, resolveRecognise } from './recognise-options.ts';
import { type StagedSource, stageSources } from './recognise-sources.ts';
import { resolveEnrolJob } from './resolve-gallery-options.ts';
import { GALLERY_NAME } from './resolve-options.ts';
import type { Session } from './session.ts';

/** Bytes of photos that are handed to the store at a time. */
const STAGED_BYTES = 16e6;

/** The same of videos' bytes: each piece is a row of the database. */
const PIECE_BYTES = 4_000_000;

const ID = string(MAX_JOB_ID_LENGTH, /^.+$/s);

type StagedItem = Pick<StoredJobItem, 'name' | 'meta' | 'photo' | 'type'>;

/** A photo's bytes. One that cannot be read has none, and fails when its turn comes; the others go on. */
async function stage(photo: ListedPhoto, meta: string, signal: AbortSignal | undefined): Promise<StagedItem> {
  const { path: name } = photo;
  try {
    const file = await photo.open(signal);
    return { name, meta, photo: new Uint8Array(await file.arrayBuffer()), type: file.type };
  } catch {
    throwIfAborted(signal);
    return { name, meta, photo: new Uint8Array(0), type: '' };
  }
}

/** Reads zips in the gallery worker. */
function zipsIn(store: Session['gallery']): ZipReader {
  // A zip that must be read to be sent is read once, and not for each of its entries.
  const sendable = new WeakMap<Blob, Promise<Blob>>();
  const sent = (zip: Blob, signal: AbortSignal | undefined): Promise<Blob> => {
    const known = sendable.get(zip) ?? importFile(zip, signal);
    sendable.set(zip, known);
    return known;
  };
  return {
    list: async (zip, signal) => store.ask('listZip', [await sent(zip, signal), CALL], { signal }),
    open: async (zip, entry, signal) =>
      store.ask('openZipEntry', [await sent(zip, signal), entry, CALL], { signal }),
  };
}

/** So many parts, as long as each other, give or take one; none that is empty. */
function inParts<T>(all: readonly T[], count: number): readonly (readonly T[])[] {
  const parts = Math.min(count, all.length);
  const at = (no: number): number => Math.round((no * all.length) / parts);
  return Array.from({ length: parts }, (_, no) => all.slice(at(no), at(no + 1)));
}

/** Stored jobs: long work that survives the page. */
export class Jobs {
  readonly #session: Session;
  readonly #runs: JobRuns;

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
    this.#runs = new JobRuns(session);
  }

  /** All jobs in the database, the newest first. */
  async list(): Promise<readonly JobSummary[]> {
    const jobs = await this.#session.gallery.ask('listJobs', []);
    return Promise.all(jobs.map((job) => summaryOf(this.#session, this.#runs, job)));
  }

  /** A job; its `kind` says which. @throws NearFaceError `BAD_PARAM` if there is none of this id */
  async get(id: string): Promise<EnrolJob | RecogniseJob> {
    const checked = ID(id, 'id');
    const { kind } = await this.#session.gallery.ask('readJob', [checked]);
    return kind === 'enrol'
      ? new EnrolJob(this.#session, checked, this.#runs)
      : new RecogniseJob(this.#session, checked, this.#runs);
  }

  /** The same as several jobs of as many photos each, in their order; fewer where there are fewer photos. */
  async enrol(
    gallery: string,
    source: PhotoSource,
    options: EnrolJobOptions & { readonly split: number },
  ): Promise<readonly EnrolJob[]>;
  /**
   * Stores an enrolment job: the photos of a source wait in the database, so that it can be paused, resumed after a
   * reload, cancelled, and tried again for those that failed. Start it with {@link EnrolJob.run}. A photo's bytes are
   * deleted as soon as it is enrolled.
   *
   * @param source - files, a directory handle, dropped items (call it in the drop's handler) or a zip file; a zip
   * among files is read as a folder
   * @throws NearFaceError `BAD_PARAM`, `GALLERY_NOT_FOUND`, `STORAGE_FULL`, `ABORTED`; nothing is stored then
   */
  async enrol(gallery: string, source: PhotoSource, options?: EnrolJobOptions): Promise<EnrolJob>;
  async enrol(
    gallery: string,
    source: PhotoSource,
    options?: EnrolJobOptions & { readonly split?: number },
  ): Promise<EnrolJob | readonly EnrolJob[]> {
    const name = GALLERY_NAME(gallery, 'gallery');
    const { meta, match, onListed, signal, split, tag, ...rest } = resolveEnrolJob(options);
    // The items of a drop are gone after its handler: the source is taken hold of before anything is waited for.
    const store = this.#session.gallery;
    const companion = meta.from === 'text' ? meta.extension : undefined;
    const photos = await listPhotos(source, zipsIn(store), { signal, match, companion });
    if (photos.length === 0)
      throw badParam(
        'source',
        source,
        `a source with photos in it${match ? ' that options.match means' : ''}`,
      );
    await loadMetaRule(meta, photos[0]?.tables ?? []);
    const made: EnrolJob[] = [];
    let done = 0;
    try {
      for (const part of inParts(photos, split ?? 1)) {
        const id = randomId();
        const known = part.reduce((sum, photo) => sum + (photo.bytes ?? 0), 0);
        throwIfAborted(signal);
        await store.ask('createJob', [id, name, rest, known, tag]);
        made.push(new EnrolJob(this.#session, id, this.#runs));
        throwIfAborted(signal);
        await this.#stagePhotos(id, part, meta, signal, (count) => onListed?.((done += count)));
        await store.ask('stepJob', [id, 'staged']);
      }
    } catch (error) {
      for (const job of made) await job.delete().catch(() => undefined);
      throw error;
    }
    return split === undefined ? made[0]! : made;
  }

  async #stagePhotos(
    id: string,
    photos: readonly ListedPhoto[],
    meta: ResolvedMetaRule,
    signal: AbortSignal | undefined,
    onStaged: (count: number) => void,
  ): Promise<void> {
    let [staged, bytes]: [StagedItem[], number] = [[], 0];
    const flush = async (): Promise<void> => {
      const items = staged;
      [staged, bytes] = [[], 0];
      const moved = items.map(({ photo }) => photo.buffer);
      if (items.length > 0) await this.#session.gallery.ask('addJobItems', [id, transfer(items, moved)]);
      onStaged(items.length);
    };
    for (const photo of photos) {
      const { meta: text } = await metaFor(meta, photo, signal);
      const item = await stage(photo, text, signal);
      staged.push(item);
      bytes += item.photo.length;
      if (bytes >= STAGED_BYTES) await flush();
    }
    await flush();
  }

  /**
   * Stores a job that finds out whom videos and images show, when, and who of them nobody knows. What it works at lies in the database (of an
   * address its text), so that it can be paused, resumed after a reload at the frame where it stopped, and cancelled. Start it with
   * {@link RecogniseJob.run}. A source's bytes are deleted once it has ended.
   *
   * @param sources - one or several
   * @throws NearFaceError `BAD_PARAM`, `GALLERY_NOT_FOUND`, `STORAGE_FULL`, `ABORTED`; nothing is stored then
   */
  async recognise(
    sources: RecogniseSource | readonly RecogniseSource[],
    options?: RecogniseOptions,
  ): Promise<RecogniseJob> {
    const { signal, tag, galleries, ...rest } = resolveRecognise(options);
    const { gallery: store, host } = this.#session;
    const staged = await stageSources(sources, host.baseUrl(), signal);
    const id = randomId();
    const bytes = staged.reduce((sum, each) => sum + (each.bytes?.size ?? 0), 0);
    throwIfAborted(signal);
    const made = {
      ...{ galleries, options: rest },
      sources: staged.map(({ source }) => source),
      ...(tag !== undefined && { tag }),
    };
    await store.ask('createRecognition', [id, made, bytes]);
    try {
      for (const [no, each] of staged.entries()) await this.#stagePieces(id, no, each, signal);
      await store.ask('stepJob', [id, 'staged']);
      return new RecogniseJob(this.#session, id, this.#runs);
    } catch (error) {
      await store.ask('deleteJob', [id]).catch(() => undefined);
      throw error;
    }
  }

  async #stagePieces(
    id: string,
    no: number,
    { bytes, source }: StagedSource,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const size = bytes?.size ?? 0;
    for (let from = 0; from < size; from += PIECE_BYTES) {
      throwIfAborted(signal);
      const piece = await bytes
        ?.slice(from, from + PIECE_BYTES)
        .arrayBuffer()
        .catch((error: unknown) => {
          const text = `${source.name} can no longer be read; was it moved, or its folder's permission taken back?`;
          throw new NearFaceError('BAD_PARAM', text, { param: `sources[${no}]`, value: source.name }, error);
        });
      const part = new Uint8Array(piece ?? new ArrayBuffer(0));
      await this.#session.gallery.ask('addSourcePiece', [id, no, transfer(part, [part.buffer])]);
    }
  }
}
