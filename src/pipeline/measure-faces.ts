import type { AnalysisRequest } from '../core/analysis.ts';
import { alignFace, fivePoints } from '../stages/align.ts';
import { cropFromDetection, cropFromMesh } from '../stages/face-mesh.ts';
import type { FaceInWork } from './face-in-work.ts';
import { measureDetails } from './measure-details.ts';
import { reliabilityOf } from './measure-reliability.ts';
import type { Models } from './models.ts';
import type { Stopwatch } from './stopwatch.ts';

type Details = AnalysisRequest['details'];

/** Runs the stages that the details need over all faces, of one image or several, in common batches. */
export async function measureFaces(
  models: Models,
  faces: readonly FaceInWork[],
  details: Details,
  stopwatch: Stopwatch,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (faces.length === 0 || !needsMesh(details)) return;
  await stopwatch.measure('landmarks', () => fitMeshes(models, faces, signal));
  if (details.embedding || details.crop) {
    for (const face of faces) face.alignment = alignFace(fivePoints(face.mesh!.points), models.embedder.size);
  }
  await measureDetails(models, faces, details, stopwatch, signal);
  if (details.embedding) await stopwatch.measure('embed', () => embedFaces(models, faces, signal));
}

function needsMesh(details: Details): boolean {
  const { angle, landmarks, mesh, quality, embedding, crop, attributes } = details;
  return angle || landmarks || mesh || quality || embedding || crop || attributes.length > 0;
}

/**
 * Fits each face's mesh twice: the first look, from the detector's box, only says where the second has to be. Costs a few
 * milliseconds a face and makes up for boxes and eyes that are a little off.
 */
async function fitMeshes(
  { mesh }: Models,
  faces: readonly FaceInWork[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const crops = faces.map(({ found, image }) => ({
    image: image.pyramid,
    toImage: cropFromDetection(found.box, found.eyes, mesh.size),
  }));
  const first = await mesh.fit(crops, signal);
  const closer = first.map(({ points }, i) => ({
    image: faces[i]!.image.pyramid,
    toImage: cropFromMesh(points, mesh.size),
  }));
  const second = await mesh.fit(closer, signal);
  // Where the first look found no face, the second looks beside it.
  faces.forEach((face, i) => {
    face.mesh = second[i]!.presence >= first[i]!.presence / 2 ? second[i]! : first[i]!;
  });
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
    if (fit) face.reliability = reliabilityOf(face, canonicalFace, fit);
  });
}
