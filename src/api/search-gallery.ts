import { DEFAULT_THRESHOLD } from '../core/confidence.ts';
import { type Level, PairConfidence, passesLevel } from '../core/pair-confidence.ts';
import type { FaceFilter, FaceRecord } from '../core/records.ts';
import { CALL, type EngineHit, type EngineSearch } from '../worker/contract.ts';
import { similarity, type Similarity, type Template } from './compare.ts';
import type { SearchOptions } from './options.ts';
import type { Session } from './session.ts';

/** A stored face that a probe matched. */
export interface Match extends Similarity {
  /** The enrolled face. */
  readonly record: FaceRecord;
}

/** Somebody that a probe matched: confidence, cosine and distance are those of the person. */
export interface IdentifiedPerson extends Match {
  /** The person's most similar face, which tells the name. */
  readonly record: FaceRecord;
  /** Faces of the person among those searched. With several, the probe is compared with their template. */
  readonly faceCount: number;
  /** The most similar of them, by falling cosine, each with its own confidence: the first is `record`. */
  readonly faces: readonly Match[];
}

type ResolvedSearch = SearchOptions & { readonly limit: number };

/** The stored faces that match each probe, or the people, by falling cosine. */
export async function searchGallery(
  session: Session,
  name: string,
  probes: readonly Template[],
  options: ResolvedSearch,
): Promise<readonly (readonly Match[])[]> {
  if (probes.length === 0) return [];
  if (options.by === 'person') return searchPeople(session, name, probes, options);
  const { level, request } = await requestOf(session, name, probes, options, (names) =>
    countAll(session, names),
  );
  const found = await session.gallery.ask('search', [name, request, CALL], { signal: options.signal });
  return probes.map(({ reliability }, i) =>
    (found[i] ?? [])
      .map((hit) => matchOf(session, reliability, hit))
      .filter((match) => passesLevel(level, match)),
  );
}

async function searchPeople(
  session: Session,
  name: string,
  probes: readonly Template[],
  options: ResolvedSearch,
): Promise<readonly (readonly IdentifiedPerson[])[]> {
  const { signal, facesPerPerson = DEFAULT_FACES_PER_PERSON } = options;
  const { level, request } = await requestOf(session, name, probes, options, (galleries) =>
    session.gallery.ask('countPeople', [
      { modelId: session.visionInfo.embedding.id, galleries, ...filterOf(options) },
    ]),
  );
  const asked = { ...request, facesPerPerson };
  const found = await session.gallery.ask('searchPeople', [name, asked, CALL], { signal });
  return probes.map((probe, i) =>
    (found[i] ?? [])
      .map(({ cosine, reliability, count, faces: hits }): IdentifiedPerson => {
        const faces = hits.map((hit) => matchOf(session, probe.reliability, hit));
        const { record } = faces[0] as Match;
        const alike = similarity(session, cosine, [probe.reliability, reliability]);
        return { ...alike, record, faceCount: count, faces };
      })
      .filter((person) => passesLevel(level, person)),
  );
}

/** Faces that are told of each person. */
const DEFAULT_FACES_PER_PERSON = 5;

/** What the gallery worker is asked, and the level that it comes from. @param count - what a threshold of `fpir` counts */
async function requestOf(
  session: Session,
  name: string,
  probes: readonly Template[],
  options: ResolvedSearch,
  count: (galleries: readonly string[]) => Promise<number>,
): Promise<{ readonly level: Level; readonly request: EngineSearch }> {
  const { limit, threshold = DEFAULT_THRESHOLD, galleries, exact } = options;
  const perSize = typeof threshold === 'object' && 'fpir' in threshold;
  const size = perSize ? await count([...new Set([name, ...(galleries ?? [])])]) : 1;
  const level = PairConfidence.levelFor(threshold, session.confidence, size);
  const request = {
    modelId: session.visionInfo.embedding.id,
    probes: probes.map(({ embedding }) => embedding),
    reliabilities: probes.map(({ reliability }) => reliability),
    limit,
    ...boundsOf(session, level),
    ...(galleries && { galleries }),
    ...(exact !== undefined && { exact }),
    ...filterOf(options),
  };
  return { level, request };
}

function filterOf({ meta, personId, cameraId, from, until }: FaceFilter): FaceFilter {
  return {
    ...(meta !== undefined && { meta }),
    ...(personId !== undefined && { personId }),
    ...(cameraId !== undefined && { cameraId }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  };
}

/** Faces in galleries; one that is in several counts in each, which makes the level stricter. */
async function countAll({ gallery }: Session, names: readonly string[]): Promise<number> {
  const counts = await Promise.all(names.map((name) => gallery.ask('count', [name])));
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A level as the gallery worker takes it. */
export function boundsOf({ calibration }: Session, level: Level): Pick<EngineSearch, 'minCosine' | 'least'> {
  if (level.by === 'cosine') return { minCosine: level.cosine };
  if (level.confidence <= 0 || !calibration) return { minCosine: -1 };
  return { minCosine: -1, least: { confidence: level.confidence, calibration } };
}

function matchOf(session: Session, reliability: number, { cosine, record }: EngineHit): Match {
  return { ...similarity(session, cosine, [reliability, record.reliability]), record };
}
