import { NearFaceError } from '../core/errors.ts';
import { CALL } from '../worker/contract.ts';
import type { FaceInput } from '../worker/contract.ts';
import type { BestShotEvent, EnrolledEvent } from '../video/events.ts';
import { knownReliability } from './new-faces.ts';
import type { Session } from './session.ts';
import type { ResolvedWatch } from './watch-options.ts';

/** Enrols a reported shot, as `action: 'enrol'` asks; what went wrong is told by the event. */
export async function enrolShot(
  session: Session,
  options: ResolvedWatch,
  shot: BestShotEvent,
  signal: AbortSignal,
): Promise<EnrolledEvent> {
  const { enrol = {}, cameraId } = options;
  const keep = enrol.keep ?? session.keep;
  const details = enrol.returnDetails ?? {};
  const { crop, thumbnail, photo } = shot;
  const face: FaceInput = {
    meta: enrol.meta ?? '',
    galleries: [...new Set(enrol.galleries ?? options.galleries)],
    modelId: shot.modelId,
    // What is told keeps its own.
    vector: shot.embedding.slice(),
    box: shot.box,
    pictures: keep === 'none' ? {} : { crop, thumbnail, ...(keep === 'photos' && photo && { photo }) },
    ...knownReliability(session, shot.reliability),
    ...(details.quality && { quality: shot.quality }),
    ...(details.attributes && shot.attributes && { attributes: shot.attributes }),
    ...(cameraId !== undefined && { cameraId }),
  };
  const { trackId } = shot;
  try {
    const [record] = await session.gallery.ask('addFaces', [[face], CALL], { signal, settledByWorker: true });
    return { type: 'enrolled', trackId, ...(record && { record }) };
  } catch (error) {
    const { code, message } = NearFaceError.from(error, 'STORAGE_FAILED', 'The face could not be enrolled');
    return { type: 'enrolled', trackId, error: { code, message } };
  }
}
