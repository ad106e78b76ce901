/** What every database makes of jobs that recognise: what they are made of, and what they have seen. */
import { badParam } from '../core/errors.ts';
import { integer } from '../core/options.ts';
import type {
  NewRecognition,
  RecognitionStep,
  StoredAppearance,
  StoredRecognition,
  StoredSource,
} from './port.ts';

/** What is shown in the place of whoever was deleted. */
const DELETED = '(deleted)';

/** A job whose sources' bytes are yet to come. */
export function newRecognition(id: string, made: NewRecognition): StoredRecognition {
  const { galleries, options, tag, sources } = made;
  return {
    ...{ id, kind: 'recognise', galleries, options, state: 'waiting', incomplete: true },
    ...(tag !== undefined && { tag }),
    sources: sources.map((source): StoredSource => ({ ...source, status: 'waiting', framesDone: 0 })),
    ...{ createdAt: Date.now(), workedMs: 0 },
  };
}

/** A source by its number. @throws NearFaceError `BAD_PARAM` */
export function sourceOf({ id, sources }: StoredRecognition, no: number): StoredSource {
  const source = sources[no];
  if (source) return source;
  throw badParam('source', no, `the number of a source of the job ${id}`);
}

/** @throws NearFaceError `BAD_PARAM` unless the source's bytes may still come */
export function checkStaging(job: StoredRecognition, no: number): void {
  const { url } = sourceOf(job, no);
  if (!job.incomplete || url !== undefined)
    throw badParam('source', no, 'the number of a source whose bytes are yet to come');
}

/**
 * A job after a step.
 *
 * @throws NearFaceError `BAD_PARAM` of a source that waits no more
 */
export function advanced(job: StoredRecognition, step: RecognitionStep): StoredRecognition {
  const before = sourceOf(job, step.source);
  if (before.status !== 'waiting')
    throw badParam('source', step.source, `the number of a source of the job ${job.id} that waits`);
  integer(0, Number.MAX_SAFE_INTEGER)(step.framesDone, 'framesDone');
  const { ended, facts } = step;
  const after: StoredSource = {
    ...before,
    framesDone: step.framesDone,
    ...(facts && { facts }),
    ...(ended && { status: ended.error ? 'failed' : 'done' }),
    ...(ended?.error && { error: ended.error }),
  };
  return { ...job, sources: job.sources.with(step.source, after), workedMs: job.workedMs + step.workedMs };
}

/** A job whose failed sources wait again, from their first frames on. */
export function triedAgain(job: StoredRecognition): {
  readonly job: StoredRecognition;
  /** Their numbers. */
  readonly sources: readonly number[];
} {
  const sources = job.sources.flatMap(({ status }, no) => (status === 'failed' ? [no] : []));
  const waiting = job.sources.map((source): StoredSource => {
    if (source.status !== 'failed') return source;
    const { error: _, ...kept } = source;
    return { ...kept, status: 'waiting', framesDone: 0 };
  });
  return { job: { ...job, sources: waiting }, sources };
}

/** The order in which appearances are told. */
export function compareAppearances(a: StoredAppearance, b: StoredAppearance): number {
  return a.source - b.source || a.frameStart - b.frameStart || a.track - b.track;
}

/** Ids of the stored faces that an appearance tells of, each once. */
export function facesOfAppearance({ faceId, closest }: StoredAppearance): readonly string[] {
  const ids = [...(faceId === undefined ? [] : [faceId]), ...closest.map((one) => one.faceId)];
  return [...new Set(ids)];
}

/** An appearance that no longer tells of faces that are deleted. */
export function withoutFaces(appearance: StoredAppearance, gone: ReadonlySet<string>): StoredAppearance {
  return facesOfAppearance(appearance)
    .filter((id) => gone.has(id))
    .reduce(forgottenAppearance, appearance);
}

/** The same of one face: if it was known by that face, nothing that tells who it was. */
function forgottenAppearance(appearance: StoredAppearance, faceId: string): StoredAppearance {
  const closest = appearance.closest.filter((one) => one.faceId !== faceId);
  const nearest = appearance.isUnknown ? appearance.closest[0]?.faceId : appearance.faceId;
  const { cosine, ...rest } = appearance;
  const kept = { ...rest, closest, ...(nearest !== faceId && cosine !== undefined && { cosine }) };
  if (appearance.faceId !== faceId) return kept;
  const { personId: _, faceId: _id, thumbnail: _thumbnail, ...bare } = kept;
  return { ...bare, person: DELETED };
}
