import { attributesOf } from '../core/attributes.ts';
import { NearFaceError } from '../core/errors.ts';
import type { Keep } from '../core/records.ts';
import type { BestShotEvent, EnrolledEvent, Untold } from '../video/events.ts';
import { type AssignRule, CALL, type FaceInput } from '../worker/contract.ts';
import { groupsOf } from './analyse.ts';
import { knownReliability } from './new-faces.ts';
import type { ResolvedWatch } from './resolve-watch.ts';
import type { Session } from './session.ts';
import { keptOf } from './watch-people.ts';

/** How reported shots are enrolled. */
export interface EnrolRules {
  readonly options: ResolvedWatch;
  readonly keep: Keep;
  /** Whether shots' times are times of day. */
  readonly isDated: boolean;
  /** By which it is found out who they are; absent where that is not asked for. */
  readonly rule: AssignRule | undefined;
}

/** Enrols a reported shot, as `action: 'enrol'` asks, of whom its track is known to be; what went wrong, or that `stop` aborted before, is told by the event. */
export async function enrolShot(
  session: Session,
  { options, keep, rule, isDated }: EnrolRules,
  shot: BestShotEvent,
  personId: string | undefined,
  stop: AbortSignal,
): Promise<Untold<EnrolledEvent>> {
  const { enrol = {}, cameraId } = options;
  const details = enrol.returnDetails ?? {};
  const wanted = groupsOf(details.attributes ?? false);
  const face: FaceInput = {
    meta: enrol.meta ?? '',
    galleries: [...new Set(enrol.galleries ?? options.galleries)],
    modelId: shot.modelId,
    // What is told keeps its own.
    vector: shot.embedding.slice(),
    box: shot.box,
    pictures: keptOf(shot, keep),
    // Seen on another day, it was not there today.
    ...(isDated && { timestamp: shot.timeMs }),
    ...knownReliability(session, shot.reliability),
    ...(details.quality && { quality: shot.quality }),
    ...(wanted.length > 0 && shot.attributes && { attributes: attributesOf(shot.attributes, wanted) }),
    ...(cameraId !== undefined && { cameraId }),
    ...(personId !== undefined && { personId }),
  };
  const { trackId } = shot;
  const settled = { signal: stop, settledByWorker: true } as const;
  try {
    const [record] = rule
      ? await session.gallery.ask('addFacesOfPeople', [[face], rule, CALL], settled)
      : await session.gallery.ask('addFaces', [[face], CALL], settled);
    return { type: 'enrolled', trackId, ...(record && { record }) };
  } catch (error) {
    const { code, message } = NearFaceError.from(error, 'STORAGE_FAILED', 'The face could not be enrolled');
    return { type: 'enrolled', trackId, error: { code, message } };
  }
}
