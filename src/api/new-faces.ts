import { badParam } from '../core/errors.ts';
import { assumedReliability } from '../core/reliability.ts';
import type { Face } from '../core/types.ts';
import type { ImageInput } from './image-input.ts';
import type { Analysis } from '../core/analysis.ts';
import type { FaceInput } from '../worker/contract.ts';
import { analyseOne, requestFor } from './analyse.ts';
import { templateOf } from './compare.ts';
import type { AddReport } from './enrol-outcome.ts';
import { sortByQuality } from './min-quality.ts';
import type { AddOptions } from './options.ts';
import { resolveAdd } from './resolve-gallery-options.ts';
import { ID } from './resolve-options.ts';
import type { Session } from './session.ts';
import { sourceUrlOf } from './source-url.ts';

/** What of a photo is to be stored in a gallery, and what is left out for its quality or reliability. */
export async function newFaces(
  session: Session,
  gallery: string,
  image: ImageInput,
  options: AddOptions | undefined,
): Promise<{ readonly faces: readonly FaceInput[]; readonly rejected: AddReport['rejected'] }> {
  const given = resolveAdd(options);
  const sourceUrl = given.sourceUrl ?? sourceUrlOf(image);
  const resolved = { ...given, ...(sourceUrl !== undefined && { sourceUrl }) };
  const { minQuality, minReliability, minLiveness, returnDetails = {} } = resolved;
  const keep = resolved.keep ?? session.keep;
  // Pose and quality are for faces that are left out, which an aligned crop never is.
  const angle = resolved.input !== 'aligned';
  const details = {
    ...{ ...returnDetails, angle, liveness: minLiveness !== undefined },
    ...(minQuality && { quality: true }),
  };
  const request = requestFor(
    { ...resolved, returnDetails: details },
    { embedding: true, required: true, enrol: keep },
  );
  const analysis = await analyseOne(session, image, request, resolved.signal);
  if (typeof resolved.id === 'string' && analysis.faces.length > 1) {
    throw badParam(
      'options.id',
      resolved.id,
      'left out, or a function, when several faces are enrolled at once',
    );
  }
  const { accepted, rejected } = sortByQuality(analysis.faces, { minQuality, minReliability, minLiveness });
  const faces = accepted.map((i) => newFace(session, gallery, analysis.faces[i]!, i, analysis, resolved));
  return { faces, rejected };
}

function newFace(
  session: Session,
  gallery: string,
  face: Face,
  i: number,
  analysis: Analysis,
  options: ReturnType<typeof resolveAdd>,
): FaceInput {
  const { id, meta, galleries, personId, cameraId, timestamp, sourceUrl, extra, expiresAt } = options;
  const { embedding } = templateOf(face, session.assumedReliability);
  return {
    meta,
    galleries: withGallery(gallery, galleries),
    modelId: face.modelId ?? session.visionInfo.embedding.id,
    vector: embedding,
    box: face.position,
    pictures: analysis.pictures[i] ?? {},
    ...knownReliability(session, face.reliability),
    ...(face.quality && { quality: face.quality }),
    ...(face.attributes && { attributes: face.attributes }),
    ...(id !== undefined && { id: typeof id === 'function' ? ID(id(), 'options.id') : id }),
    ...(personId !== undefined && { personId }),
    ...(cameraId !== undefined && { cameraId }),
    ...(timestamp !== undefined && { timestamp }),
    ...(sourceUrl !== undefined && { sourceUrl }),
    ...(extra !== undefined && extra !== null && { extra }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(analysis.photoHash !== undefined && { photoHash: analysis.photoHash }),
  };
}

/** The reliability of a new face, or what is assumed where nothing tells it, marked as that. */
export function knownReliability(
  session: Session,
  reliability: number | undefined,
): Pick<FaceInput, 'reliability' | 'reliabilityAssumed'> {
  return reliability === undefined ? assumedReliability(session.assumedReliability) : { reliability };
}

/** All galleries that a new face is in: the one that it is added to, and what its options name. */
export function withGallery(gallery: string, galleries: readonly string[] = []): readonly string[] {
  return [...new Set([gallery, ...galleries])];
}
