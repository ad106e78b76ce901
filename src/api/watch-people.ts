import { NearFaceError } from '../core/errors.ts';
import type { Keep, PictureKind } from '../core/records.ts';
import { DEFAULT_MIN_RELIABILITY } from '../core/reliability.ts';
import type {
  BestShotEvent,
  IdentifiedEvent,
  LostEvent,
  SightedEvent,
  Untold,
  VideoEvent,
} from '../video/events.ts';
import { type AssignRule, CALL, type SightingInput } from '../worker/contract.ts';
import type { Session } from './session.ts';

/** Aborts when a session was stopped and waits no longer: what is not stored by then is told of as not stored. */
type Stop = AbortSignal;

/** How the sightings of a session are noted. */
export interface SightingRules {
  readonly rule: AssignRule;
  readonly keep: Keep;
  readonly cameraId?: string | undefined;
  /** What is added to the times of events, in ms. */
  readonly shiftMs: number;
}

/** Reports of a track that wait until somebody is found for them. */
const MOST_HELD = 8;

/**
 * Who the tracks of a session are. The first report of a track that can be told from others says it, by the stored face that is most
 * similar; all further reports of the track are of the same person, whatever they show. Reports before it wait for it.
 */
export class TrackPeople {
  readonly #session: Session;
  readonly #rules: SightingRules;
  readonly #persons = new Map<number, string>();
  readonly #told = new Map<number, IdentifiedEvent>();
  readonly #held = new Map<number, BestShotEvent[]>();

  constructor(session: Session, rules: SightingRules) {
    this.#session = session;
    this.#rules = rules;
  }

  /** Whom a track is known to be. */
  personOf(trackId: number): string | undefined {
    return this.#persons.get(trackId);
  }

  /** An event with the person that its track is. */
  name(event: VideoEvent): VideoEvent {
    if (event.type !== 'identified' && event.type !== 'updated' && event.type !== 'lost') return event;
    const personId = this.personOf(event.trackId);
    const named = personId === undefined ? event : { ...event, personId };
    if (named.type !== 'lost') this.#told.set(named.trackId, named);
    return named;
  }

  /**
   * The person of a track if there is still one of that id: people are merged and deleted while cameras run. Where that cannot be asked, as in
   * a database that is locked, whoever stores a report with it is told why.
   */
  async standing(trackId: number, stop: Stop): Promise<string | undefined> {
    const id = this.personOf(trackId);
    if (id === undefined) return undefined;
    try {
      await this.#session.gallery.ask('getPerson', [id], { signal: stop });
      return id;
    } catch (error) {
      if (!(error instanceof NearFaceError) || error.code !== 'PERSON_NOT_FOUND') return id;
      this.#persons.delete(trackId);
      return undefined;
    }
  }

  /** Notes a report, of which a face was stored perhaps. */
  async note(
    shot: BestShotEvent,
    stop: Stop,
    face?: { readonly id: string; readonly personId?: string },
  ): Promise<Untold[]> {
    const { trackId } = shot;
    const personId = face?.personId ?? (await this.standing(trackId, stop));
    if (personId === undefined && (shot.reliability ?? 1) < DEFAULT_MIN_RELIABILITY)
      return this.#hold(trackId, [shot], stop);
    const who = {
      ...(face && { faceId: face.id }),
      ...(personId === undefined ? { embedding: embeddingOf(shot) } : { personId }),
    };
    const sighted = await this.#store(shot, who, stop);
    const found = sighted.sighting?.personId;
    if (found === undefined) return [sighted];
    const isNews = found !== this.personOf(trackId);
    this.#persons.set(trackId, found);
    const before = await this.#release(trackId, found, stop);
    return [...before, sighted, ...(isNews ? [this.#identified(shot, found)] : [])];
  }

  /** A track has ended. What waits is noted as somebody's, or goes to the older track that it was. */
  async leave({ trackId, same }: LostEvent, stop: Stop): Promise<Untold[]> {
    const personId = await this.standing(trackId, stop);
    this.#persons.delete(trackId);
    this.#told.delete(trackId);
    if (same === undefined) return this.#release(trackId, personId, stop);
    if (personId !== undefined && !this.#persons.has(same)) this.#persons.set(same, personId);
    const held = this.#held.get(trackId) ?? [];
    this.#held.delete(trackId);
    return this.#hold(same, held, stop);
  }

  async #hold(trackId: number, shots: readonly BestShotEvent[], stop: Stop): Promise<Untold[]> {
    if (shots.length === 0) return [];
    const held = [...(this.#held.get(trackId) ?? []), ...shots];
    this.#held.set(trackId, held);
    const events: Untold[] = [];
    for (const oldest of held.splice(0, Math.max(0, held.length - MOST_HELD)))
      events.push(await this.#store(oldest, {}, stop));
    return events;
  }

  async #release(trackId: number, personId: string | undefined, stop: Stop): Promise<Untold[]> {
    const held = this.#held.get(trackId) ?? [];
    this.#held.delete(trackId);
    const events: Untold[] = [];
    const who = personId === undefined ? {} : { personId };
    for (const shot of held) events.push(await this.#store(shot, who, stop));
    return events;
  }

  /** Notes one sighting; what went wrong is told by the event. */
  async #store(
    shot: BestShotEvent,
    who: Pick<SightingInput, 'personId' | 'faceId' | 'embedding'>,
    stop: Stop,
  ): Promise<Untold<SightedEvent>> {
    const { rule, keep, cameraId, shiftMs } = this.#rules;
    const { trackId, box } = shot;
    const input: SightingInput = {
      ...{ trackId: String(trackId), box, timeMs: shot.timeMs + shiftMs, pictures: keptOf(shot, keep) },
      ...(cameraId !== undefined && { cameraId }),
      ...who,
    };
    try {
      const options = { signal: stop, settledByWorker: true } as const;
      const [sighting] = await this.#session.gallery.ask('addSightings', [[input], rule, CALL], options);
      return { type: 'sighted', trackId, ...(sighting && { sighting }) };
    } catch (error) {
      const { code, message } = NearFaceError.from(
        error,
        'STORAGE_FAILED',
        'The sighting could not be noted',
      );
      return { type: 'sighted', trackId, error: { code, message } };
    }
  }

  #identified({ trackId, timeMs, frameIndex }: BestShotEvent, personId: string): Untold<IdentifiedEvent> {
    const last = this.#told.get(trackId);
    const { meanDistance, meanSimilarity } = last ?? {};
    return {
      type: last ? 'updated' : 'identified',
      ...{ trackId, timeMs, frameIndex, personId, matches: last?.matches ?? [] },
      ...(meanDistance !== undefined && { meanDistance }),
      ...(meanSimilarity !== undefined && { meanSimilarity }),
    };
  }
}

/** The vector is copied: what is told keeps its own. */
function embeddingOf({
  modelId,
  embedding,
  reliability,
}: BestShotEvent): NonNullable<SightingInput['embedding']> {
  return { modelId, vector: embedding.slice(), ...(reliability !== undefined && { reliability }) };
}

/** The pictures of a report that are kept. */
export function keptOf(
  { crop, thumbnail, photo }: BestShotEvent,
  keep: Keep,
): Readonly<Partial<Record<PictureKind, Blob>>> {
  return keep === 'none' ? {} : { crop, thumbnail, ...(keep === 'photos' && photo && { photo }) };
}
