import { MAX_HITS } from '../core/limits.ts';
import { DEFAULT_THRESHOLD } from '../core/confidence.ts';
import { UNKNOWNS } from '../core/people.ts';
import { personKeyOf } from '../core/person-template.ts';
import { DEFAULT_MIN_RELIABILITY } from '../core/reliability.ts';
import { DEFAULT_APPEARANCE } from '../video/appearance.ts';
import type { MeanFace } from '../video/events.ts';
import type { SeenAppearance } from '../video/recogniser.ts';
import { assignUnknown, type UnknownsState } from '../video/unknowns.ts';
import { CALL, type StoredAppearance, type StoredClosest } from '../worker/contract.ts';
import type { Template } from './compare.ts';
import { peopleRule } from './people-rule.ts';
import type { ResolvedRecognise } from './recognise-options.ts';
import { type Match, searchGallery } from './search-gallery.ts';
import type { Session } from './session.ts';

/** Hits asked for at first for each person wanted, and how many times as many if they are of too few people. */
const HITS_PER_PERSON = 8;
const TIMES_AS_MANY = 4;

/** Who an appearance is of. */
type Who = Pick<StoredAppearance, 'person' | 'personId' | 'faceId' | 'isUnknown' | 'closest' | 'cosine'>;

/** Finds out who the appearances of a job are of. */
export class Identifier {
  readonly #session: Session;
  readonly #job: string;
  readonly #options: ResolvedRecognise;

  constructor(session: Session, job: string, options: ResolvedRecognise) {
    this.#session = session;
    this.#job = job;
    this.#options = options;
  }

  /** Who it is, and the job's unknown people from then on. The same again where it was asked before. */
  async identify(
    source: number,
    seen: SeenAppearance,
    unknowns: UnknownsState,
  ): Promise<[StoredAppearance, UnknownsState]> {
    const { mean, pictures, ...stay } = seen;
    const [who, next] = mean
      ? await this.#whoIs(mean, source, seen, unknowns)
      : [{ person: 'Unknown', isUnknown: true, closest: [] }, unknowns];
    const { thumbnail } = pictures;
    const picture = thumbnail && {
      type: thumbnail.type,
      bytes: new Uint8Array(await thumbnail.arrayBuffer()),
    };
    return [{ source, ...stay, ...who, ...(picture && { thumbnail: picture }) }, next];
  }

  async #whoIs(
    mean: MeanFace,
    source: number,
    seen: SeenAppearance,
    unknowns: UnknownsState,
  ): Promise<[Who, UnknownsState]> {
    const template: Template = mean;
    const nearest = await this.#nearest(template);
    const closest = nearest.map(closestOf);
    const known = await this.#known(template, nearest);
    if (known) {
      return [{ ...closestOf(known), isUnknown: false, closest }, unknowns];
    }
    const rest = { isUnknown: true, closest, ...(nearest[0] && { cosine: nearest[0].cosine }) };
    const { clusterUnknowns, indexUnknowns } = this.#options;
    const isUsable = mean.reliability >= DEFAULT_MIN_RELIABILITY;
    if (indexUnknowns && isUsable)
      return [{ ...rest, ...(await this.#indexed(template, source, seen)) }, unknowns];
    if (!(clusterUnknowns || indexUnknowns) || !isUsable) return [{ ...rest, person: 'Unknown' }, unknowns];
    const { confidence } = this.#session;
    const judge =
      confidence && ((cosine: number, a: number, b: number) => confidence.confidence(cosine, a, b));
    const appearance = { ...DEFAULT_APPEARANCE, same: DEFAULT_THRESHOLD, ...(judge && { judge }) };
    const [next, no] = assignUnknown(unknowns, mean, { source, ...seen }, appearance);
    return [{ ...rest, person: `Unknown #${no}` }, next];
  }

  /** The most similar people, each by its most similar face. */
  async #nearest(template: Template): Promise<readonly Match[]> {
    const { topK = 1 } = this.#options;
    for (let limit = topK * HITS_PER_PERSON; ; limit *= TIMES_AS_MANY) {
      const asked = Math.min(limit, MAX_HITS);
      const matches = await this.#search(template, asked, 'none');
      const people = new Map<string, Match>();
      for (const match of matches) {
        const key = personKeyOf(match.record);
        if (!people.has(key)) people.set(key, match);
      }
      if (people.size >= topK || matches.length < asked || asked === MAX_HITS)
        return [...people.values()].slice(0, topK);
    }
  }

  /** The most similar face that is similar enough. */
  async #known(template: Template, nearest: readonly Match[]): Promise<Match | undefined> {
    const { threshold, maxDistance = 1 } = this.#options;
    // What is nearest by cosine is nearest by distance; other thresholds go by the reliabilities, too.
    if (threshold === undefined) return nearest.find(({ distance }) => distance <= maxDistance);
    return (await this.#search(template, 1, threshold))[0];
  }

  async #search(
    template: Template,
    limit: number,
    threshold: NonNullable<ResolvedRecognise['threshold']>,
  ): Promise<readonly Match[]> {
    const [first = 'default', ...galleries] = this.#options.galleries;
    const [matches = []] = await searchGallery(this.#session, first, [template], {
      ...{ limit, threshold, galleries },
    });
    return matches;
  }

  /** Somebody whom all jobs know: found again, or kept by a face whose id follows from the job, so that nobody is kept twice. */
  async #indexed(
    { embedding: vector, reliability }: Template,
    source: number,
    { track, pictures }: SeenAppearance,
  ): Promise<Pick<Who, 'person' | 'personId' | 'faceId'>> {
    const { gallery, visionInfo } = this.#session;
    const modelId = visionInfo.embedding.id;
    const rule = peopleRule(this.#session, { people: 'auto', global: true })!;
    const { global: _, ...bounds } = rule;
    const probe = { modelId, vector, reliability, limit: 1, ...bounds };
    const [found] = await gallery.ask('findPeople', [probe, CALL]);
    if (found) return unknownOf(found.person, found.face.id);
    const face = {
      ...{ id: `${this.#job}-${source}-${track}`, meta: '', galleries: [UNKNOWNS] },
      ...{ modelId, vector, reliability, pictures },
    };
    const [record] = await gallery.ask('addFacesOfPeople', [[face], rule, CALL]);
    const person = await gallery.ask('getPerson', [record!.personId!]);
    return unknownOf(person, record!.id);
  }
}

function unknownOf(
  { id: personId, number }: { readonly id: string; readonly number: number },
  faceId: string,
): Pick<Who, 'person' | 'personId' | 'faceId'> {
  return { person: `Unknown #${number}`, personId, faceId };
}

/** What somebody is called the face says, and whose it is: names that are kept elsewhere would outlast the people. */
function closestOf({ record: { id }, cosine }: Match): StoredClosest {
  return { person: '', faceId: id, cosine };
}
