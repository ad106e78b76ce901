import type { LazyModel } from '../core/model-session.ts';
import { decodeAttentionMesh } from './face-mesh-attention.ts';
import { cropFromMesh, decodeFaceMesh, type FaceMesh } from './face-mesh.ts';
import { runCrops, type Crop } from './run-crops.ts';
import { cropsOf, type DetailStage } from './detail-stage.ts';

/** Fits dense meshes to faces. */
export interface MeshModel {
  /** Side of the model's square input in pixels. */
  readonly size: number;
  /** One mesh per crop, in pixels of the crop's image. */
  fit(crops: readonly Crop[], signal?: AbortSignal): Promise<FaceMesh[]>;
}

/** The mesh model on `model`: 468 points. */
export function createMeshModel(model: LazyModel): MeshModel {
  return {
    size: model.entry.input.size[0],
    fit: (crops, signal) =>
      runCrops(
        model,
        crops,
        ([points, presence], { toImage }) => decodeFaceMesh(points!, presence![0]!, toImage),
        { signal },
      ),
  };
}

/** The attention mesh on `model`: 478 points, lips, eyes and irises looked at apart. */
export function createAttentionMeshModel(model: LazyModel): MeshModel {
  return {
    size: model.entry.input.size[0],
    fit: (crops, signal) =>
      runCrops(
        model,
        crops,
        ([points, lips, leftEye, rightEye, leftIris, rightIris, presence], { toImage }) =>
          decodeAttentionMesh(
            {
              points: points!,
              lips: lips!,
              leftEye: leftEye!,
              rightEye: rightEye!,
              leftIris: leftIris!,
              rightIris: rightIris!,
              presence: presence!,
            },
            toImage,
          ),
        { signal },
      ),
  };
}

/** Lips, eyes and irises, looked at apart. */
export const fineMeshStage: DetailStage<FaceMesh> = {
  role: 'fineLandmarks',
  timedAs: 'landmarks',
  isNeeded: ({ landmarks, mesh }) => landmarks || mesh,
  create(model) {
    const fine = createAttentionMeshModel(model);
    return (faces, signal) =>
      fine.fit(
        cropsOf(faces, (mesh) => cropFromMesh(mesh, fine.size)),
        signal,
      );
  },
};
