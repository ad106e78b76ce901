import type { AnalysisRequest } from '../core/analysis.ts';
import type { Affine } from '../geometry/similarity.ts';
import { alignFace, fivePoints } from '../stages/align.ts';
import { ofAlignedCrop } from './aligned-crop.ts';
import type { FaceInWork } from './face-in-work.ts';
import { fitMeshes } from './fit-meshes.ts';
import { measureDetails } from './measure-details.ts';
import { reliabilityOf } from './measure-reliability.ts';
import type { Models } from './models.ts';
import type { StageTimer } from './stopwatch.ts';

type Details = AnalysisRequest['details'];

/** Runs the stages that the details need over all faces, of one image or several, in common batches. */
export async function measureFaces(
  models: Models,
  faces: readonly FaceInWork[],
  details: Details,
  stopwatch: StageTimer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const meshed = faces.filter(({ isAligned }) => needsMesh(details, isAligned));
  if (meshed.length > 0) await stopwatch.measure('landmarks', () => fitMissing(models, meshed, signal));
  if (details.embedding || details.crop) {
    for (const face of faces) face.alignment = alignmentOf(face, models.embedder.size);
  }
  if (meshed.length > 0) await measureDetails(models, meshed, details, stopwatch, signal);
  if (details.embedding && faces.length > 0)
    await stopwatch.measure('embed', () => embedFaces(models, faces, signal));
}

/** Whether a face's mesh must be fitted for some details. */
export function needsMesh(details: Details, isAligned: boolean = false): boolean {
  const { angle, landmarks, mesh, quality, embedding, crop, attributes, liveness } = details;
  const isMeasured = angle || landmarks || mesh || quality || liveness || attributes.length > 0;
  return isMeasured || (!isAligned && (embedding || crop));
}

/** The map from the embedding model's input of `size`² to the image. */
function alignmentOf({ image, isAligned, mesh }: FaceInWork, size: number): Affine {
  return isAligned ? ofAlignedCrop(image, size) : alignFace(fivePoints(mesh!.points), size);
}

/** Faces whose mesh was fitted when they were found keep it. */
async function fitMissing(
  { mesh }: Models,
  faces: readonly FaceInWork[],
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const face of faces) if (face.found.mesh) face.mesh = face.found.mesh;
  const missing = faces.filter((face) => !face.mesh);
  const inImages = missing.map(({ found, image }) => ({ found, image: image.pyramid }));
  const fitted = await fitMeshes(mesh, inImages, signal);
  missing.forEach((face, i) => (face.mesh = fitted[i]!));
}

async function embedFaces(
  { embedder, canonicalFace }: Models,
  faces: readonly FaceInWork[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const crops = faces.map(({ image, alignment }) => ({ image: image.pyramid, toImage: alignment! }));
  const embeddings = await embedder.embed(crops, signal);
  const { reliability: fit } = embedder.entry;
  faces.forEach((face, i) => {
    face.embedding = embeddings[i]!;
    // It goes by size and sharpness, which a crop does not tell.
    if (fit && !face.isAligned) face.reliability = reliabilityOf(face, canonicalFace, fit);
  });
}
