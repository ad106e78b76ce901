import type { FaceMesh } from '../stages/face-mesh.ts';
import { cropFromDetection, cropFromMesh } from '../stages/face-mesh.ts';
import type { MeshModel } from '../stages/mesh-model.ts';
import type { Pyramid } from '../image/pyramid.ts';
import type { FoundFace } from './found-face.ts';

/** A face and the image in whose pixels it is. */
export interface FaceInImage {
  readonly image: Pyramid;
  readonly found: Pick<FoundFace, 'box' | 'eyes'>;
}

/**
 * Fits each face's mesh twice: the first look, from the detector's box, only says where the second has to be. Costs a few
 * milliseconds a face and makes up for boxes and eyes that are a little off.
 */
export async function fitMeshes(
  mesh: MeshModel,
  faces: readonly FaceInImage[],
  signal: AbortSignal | undefined,
): Promise<FaceMesh[]> {
  const crops = faces.map(({ found, image }) => ({
    image,
    toImage: cropFromDetection(found.box, found.eyes, mesh.size),
  }));
  const first = await mesh.fit(crops, signal);
  const closer = first.map(({ points }, i) => ({
    image: faces[i]!.image,
    toImage: cropFromMesh(points, mesh.size),
  }));
  const second = await mesh.fit(closer, signal);
  // Where the first look found no face, the second looks beside it.
  return first.map((one, i) => (second[i]!.presence >= one.presence / 2 ? second[i]! : one));
}
