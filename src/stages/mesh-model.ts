import type { ModelSession } from '../core/model-session.ts';
import { decodeFaceMesh, type FaceMesh } from './face-mesh.ts';
import { runCrops, type Crop } from './run-crops.ts';

/** Fits dense meshes to faces. */
export interface MeshModel {
  /** Side of the model's square input in pixels. */
  readonly size: number;
  /** One mesh per crop, in pixels of the crop's image. */
  fit(crops: readonly Crop[], signal?: AbortSignal): Promise<FaceMesh[]>;
}

/** The mesh model on `session`. */
export function createMeshModel(session: ModelSession): MeshModel {
  return {
    size: session.entry.input.size[0],
    fit: (crops, signal) =>
      runCrops(
        session,
        crops,
        ([points, presence], { toImage }) => decodeFaceMesh(points!, presence![0]!, toImage),
        { signal },
      ),
  };
}
