import { DEFAULT_THRESHOLD } from '../core/confidence.ts';
import { type Level, PairConfidence, passesLevel } from '../core/pair-confidence.ts';
import type { FaceRecord } from '../core/records.ts';
import { CALL, type EngineHit, type EngineSearch } from '../worker/contract.ts';
import { similarity, type Similarity, type Template } from './compare.ts';
import type { SearchOptions } from './options.ts';
import type { Session } from './session.ts';

/** A stored face that a probe matched. */
export interface Match extends Similarity {
  /** The enrolled face. */
  readonly record: FaceRecord;
}

/** The stored faces that match each probe, by falling cosine. */
export async function searchGallery(
  session: Session,
  name: string,
  probes: readonly Template[],
  options: SearchOptions & { readonly limit: number },
): Promise<readonly (readonly Match[])[]> {
  if (probes.length === 0) return [];
  const {
    limit,
    threshold = DEFAULT_THRESHOLD,
    signal,
    galleries,
    exact,
    meta,
    personId,
    cameraId,
    from,
    until,
  } = options;
  const { gallery, confidence, visionInfo } = session;
  const perSize = typeof threshold === 'object' && 'fpir' in threshold;
  const searched = [...new Set([name, ...(galleries ?? [])])];
  const faces = perSize ? await countAll(session, searched) : 1;
  const level = PairConfidence.levelFor(threshold, confidence, faces);
  const request = {
    modelId: visionInfo.embedding.id,
    probes: probes.map(({ embedding }) => embedding),
    reliabilities: probes.map(({ reliability }) => reliability),
    limit,
    ...boundsOf(session, level),
    ...(galleries && { galleries }),
    ...(exact !== undefined && { exact }),
    ...(meta !== undefined && { meta }),
    ...(personId !== undefined && { personId }),
    ...(cameraId !== undefined && { cameraId }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  };
  const found = await gallery.ask('search', [name, request, CALL], { signal });
  return probes.map((probe, i) => matchesOf(session, probe, found[i] ?? [], level));
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

function matchesOf(
  session: Session,
  { reliability }: Template,
  hits: readonly EngineHit[],
  level: Level,
): readonly Match[] {
  const matches = hits.map(({ cosine, record }) => ({
    ...similarity(session, cosine, [reliability, record.reliability]),
    record,
  }));
  return matches.filter((match) => passesLevel(level, match));
}
