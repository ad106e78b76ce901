import { transfer } from 'comlink';
import { badParam } from '../core/errors.ts';
import type { DayOfVisits, HistoryImport, Pruning, Sighting, SightingPage } from '../core/people.ts';
import type { PictureKind } from '../core/records.ts';
import { CALL, type SightingInput } from '../worker/contract.ts';
import { type EmbeddingProbe, readEmbedding } from './compare.ts';
import { importFile } from './import-file.ts';
import type {
  AddSightingsOptions,
  ExportHistoryOptions,
  ImportHistoryOptions,
  NewSighting,
  PruneOptions,
  SearchHistoryOptions,
  VisitsOptions,
} from './people-options.ts';
import { peopleRule } from './people-rule.ts';
import {
  KNOWN_ID,
  KNOWN_IDS,
  pictureKind,
  resolveAddSightings,
  resolveExportHistory,
  resolveImportHistory,
  resolvePrune,
  resolveSearchHistory,
  resolveSightings,
  resolveVisits,
} from './resolve-people.ts';
import type { Session } from './session.ts';

const DAY_MS = 24 * 3600 * 1000;

/** Who was seen, where and when. Sessions note sightings here; so may anybody. */
export class History {
  readonly #session: Session;

  /** @internal */
  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * Notes one sighting or several, all or none. With `people: 'auto'` those that name neither a person nor a face are of the person of the
   * most similar stored face; of somebody new the embedding is kept as a face of the gallery `unknowns`, by which it is known again and can
   * be found by photo ({@link People.find}).
   *
   * @throws NearFaceError `BAD_PARAM` naming the sighting and the field, `PERSON_NOT_FOUND`, `FACE_NOT_FOUND`, `MODEL_MISMATCH`, `STORAGE_FULL`, `ABORTED`
   */
  async add(
    sightings: NewSighting | readonly NewSighting[],
    options?: AddSightingsOptions,
  ): Promise<readonly Sighting[]> {
    const { signal, ...people } = resolveAddSightings(options);
    const inputs = resolveSightings(sightings).map((sighting, i) => this.#inputOf(sighting, i));
    const moved = inputs.flatMap(({ embedding }) => (embedding ? [embedding.vector.buffer] : []));
    const rule = peopleRule(this.#session, people);
    return this.#session.gallery.ask('addSightings', [transfer(inputs, moved), rule, CALL], {
      signal,
      settledByWorker: true,
    });
  }

  #inputOf({ embedding, pictures = {}, ...facts }: NewSighting, i: number): SightingInput {
    if (embedding === undefined) return { ...facts, pictures };
    const path = `sightings[${i}].embedding`;
    // A face without an embedding is found out there.
    const template = readEmbedding(this.#session, embedding as EmbeddingProbe, path);
    if (!template) throw badParam(path, embedding, 'an embedding, or a face of embed()');
    const { embedding: vector, reliability } = template;
    const modelId = this.#session.visionInfo.embedding.id;
    return { ...facts, pictures, embedding: { modelId, vector: vector.slice(), reliability } };
  }

  /**
   * A page of sightings, the newest first; of one moment the one that was noted last.
   *
   * @throws NearFaceError `BAD_PARAM`
   */
  async search(options?: SearchHistoryOptions): Promise<SightingPage> {
    const { friendRule, ...search } = resolveSearchHistory(options);
    return this.#session.gallery.ask('searchSightings', [
      { ...search, ...(friendRule && { rule: friendRule }) },
    ]);
  }

  /**
   * How much there was to see on each day, the last one first; days without anything are left out.
   *
   * @throws NearFaceError `BAD_PARAM`, also of a time zone that is not known
   */
  async visits(options?: VisitsOptions): Promise<readonly DayOfVisits[]> {
    const { friendRule, timeZone, ...search } = resolveVisits(options);
    const query = { ...search, ...(friendRule && { rule: friendRule }) };
    return this.#session.gallery.ask('visits', [query, timeZone]);
  }

  /** A picture of a sighting, or `null` if none of that kind was kept. @throws NearFaceError `BAD_PARAM` */
  async picture(id: string, kind: PictureKind): Promise<Blob | null> {
    return this.#session.gallery.ask('sightingPicture', [KNOWN_ID(id, 'id'), pictureKind(kind, 'kind')]);
  }

  /** Deletes sightings with their pictures; ids that are not there any more are passed over. Answers how many there were. */
  async delete(ids: string | readonly string[]): Promise<number> {
    const checked = KNOWN_IDS(typeof ids === 'string' ? [ids] : ids, 'ids');
    return this.#session.gallery.ask('deleteSightings', [checked]);
  }

  /**
   * Removes old sightings with their pictures, and people made on the fly of whom nothing is left: no name, no sighting, and no face but
   * old ones in `unknowns`, which go with them. With `retentionDays` this is done at the opening and once an hour.
   *
   * @throws NearFaceError `BAD_PARAM` where neither `retentionDays` nor `olderThanDays` says how old, `ABORTED`
   */
  async prune(options?: PruneOptions): Promise<Pruning> {
    const { olderThanDays = this.#session.retentionDays, signal } = resolvePrune(options);
    if (olderThanDays === undefined)
      throw badParam(
        'options.olderThanDays',
        undefined,
        'a number of days, as create was given no retentionDays',
      );
    const before = Date.now() - olderThanDays * DAY_MS;
    return this.#session.gallery.ask('pruneHistory', [before, CALL], { signal });
  }

  /**
   * People, cameras and sightings as a file, encrypted if you like; the faces are in the galleries' own exports. What changes meanwhile may
   * or may not be in it. What can be taken back is not.
   *
   * @throws NearFaceError `BAD_PARAM`, `ABORTED`
   */
  async export(options?: ExportHistoryOptions): Promise<Blob> {
    const { onProgress, signal, ...request } = resolveExportHistory(options);
    return this.#session.gallery.ask('exportHistory', [request, CALL], { signal, onProgress });
  }

  /**
   * Takes in what such a file holds and the database does not have, by ids; people keep their numbers where these are free. A damaged file
   * changes nothing. What was stored before an abort or a full disk stays, and the same file brings the rest when it is imported again.
   *
   * @throws NearFaceError `BAD_PARAM` or `MALFORMED_JSON` of a damaged file, `LOCKED` of a missing or wrong passphrase, `STORAGE_FULL`,
   * `ABORTED`
   */
  async import(
    file: Blob | ReadableStream<Uint8Array>,
    options?: ImportHistoryOptions,
  ): Promise<HistoryImport> {
    const { onProgress, signal, passphrase } = resolveImportHistory(options);
    const whole = await importFile(file, signal);
    return this.#session.gallery.ask('importHistory', [whole, passphrase, CALL], {
      ...{ signal, onProgress, settledByWorker: true },
    });
  }
}
