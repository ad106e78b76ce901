import type { Analysis, FacePictures } from '../core/analysis.ts';
import { type Attributes, attributesOf } from '../core/attributes.ts';
import { badParam } from '../core/errors.ts';
import { jsonValue } from '../core/json-value.ts';
import { MAX_EXTRA_BYTES } from '../core/limits.ts';
import type { Quality } from '../core/quality.ts';
import { assumedReliability } from '../core/reliability.ts';
import type { Box, Face } from '../core/types.ts';
import type { ImageInput } from './image-input.ts';
import { regionIn } from '../video/regions.ts';
import type { FaceInput } from '../worker/contract.ts';
import { analyseOne, groupsOf, requestFor } from './analyse.ts';
import { checkEmbedding, type EmbeddingProbe, isEmbeddingProbe, templateOf } from './compare.ts';
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
  const { minQuality, minReliability, minLiveness, returnDetails = {}, embeddings, boxes = [] } = resolved;
  const known = embeddings?.length ? knownFaces(session, embeddings, resolved) : undefined;
  const keep = resolved.keep ?? session.keep;
  // Pose and quality are for faces that are left out, which an aligned crop never is.
  const angle = resolved.input !== 'aligned';
  const details = {
    ...{ ...returnDetails, angle, liveness: minLiveness !== undefined },
    ...(minQuality && { quality: true }),
  };
  const request = requestFor(
    { ...resolved, ...(known && { boxes: boxes.filter((_, i) => !known[i]) }), returnDetails: details },
    { embedding: true, required: true, enrol: keep },
  );
  const placed = boxes.filter((_, i) => known?.[i]);
  const asked = { ...request, ...(placed.length > 0 && { placed }) };
  const analysis = await analyseOne(session, image, asked, resolved.signal);
  checkPlaces(analysis, boxes, known);
  if (typeof resolved.id === 'string' && analysis.faces.length + placed.length > 1) {
    throw badParam(
      'options.id',
      resolved.id,
      'left out, or a function, when several faces are enrolled at once',
    );
  }
  const { accepted, rejected } = sortByQuality(analysis.faces, { minQuality, minReliability, minLiveness });
  const faces = inOrder(analysis, accepted, known).map(({ face, pictures }) =>
    newFace(session, gallery, face, pictures, analysis.photoHash, resolved),
  );
  return { faces, rejected };
}

/** Where nothing is looked for, nothing else tells that a box is beside the picture. @throws NearFaceError `BAD_PARAM` */
function checkPlaces(
  { width, height }: Analysis,
  boxes: readonly Box[],
  known: readonly (Face | null)[] = [],
): void {
  for (const [i, box] of boxes.entries()) if (known[i]) regionIn(box, width, height, `options.boxes[${i}]`);
}

/** A face, and what pictures of it are kept. */
interface Pictured {
  readonly face: Face;
  readonly pictures: FacePictures;
}

/** The faces of an analysis that were accepted, and those that were known: each at its box's place. */
function inOrder(
  { faces, pictures, placed = [] }: Analysis,
  accepted: readonly number[],
  known: readonly (Face | null)[] = [],
): readonly Pictured[] {
  const found = faces.map((face, i): Pictured | undefined =>
    accepted.includes(i) ? { face, pictures: pictures[i] ?? {} } : undefined,
  );
  const ofKnown = [...placed];
  const atBoxes = known.map((face) => (face ? { face, pictures: ofKnown.shift() ?? {} } : found.shift()));
  return [...atBoxes, ...found].filter((each) => each !== undefined);
}

/** What is measured of a face, as it can be stored. */
const MEASURED = jsonValue(MAX_EXTRA_BYTES);

/** The faces that are known, each at its box, with those of their details that are asked for. @throws NearFaceError `BAD_PARAM`, `MODEL_MISMATCH` */
function knownFaces(
  session: Session,
  given: NonNullable<AddOptions['embeddings']>,
  { boxes = [], returnDetails = {} }: Pick<AddOptions, 'boxes' | 'returnDetails'>,
): readonly (Face | null)[] {
  const groups = groupsOf(returnDetails.attributes ?? false);
  return given.map((each, i): Face | null => {
    if (!each) return null;
    const path = `options.embeddings[${i}]`;
    const probe = (isEmbeddingProbe(each) ? each : { embedding: each }) as EmbeddingProbe & Partial<Face>;
    const { modelId } = probe;
    const template = checkEmbedding(session, probe, path);
    const quality = returnDetails.quality && probe.quality && MEASURED(probe.quality, `${path}.quality`);
    const attributes =
      groups.length > 0 && probe.attributes && MEASURED(probe.attributes, `${path}.attributes`);
    return {
      ...{ position: boxes[i] as Box, score: 1, embedding: template.embedding },
      ...(modelId !== undefined && { modelId }),
      ...(probe.reliability !== undefined && { reliability: template.reliability }),
      ...(quality && { quality: quality as unknown as Quality }),
      ...(attributes && { attributes: attributesOf(attributes as Attributes, groups) }),
    };
  });
}

function newFace(
  session: Session,
  gallery: string,
  face: Face,
  pictures: FacePictures,
  photoHash: string | undefined,
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
    pictures,
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
    ...(photoHash !== undefined && { photoHash }),
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
