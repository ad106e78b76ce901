import type { AnalysisRequest, Stage } from '../core/analysis.ts';
import type { AttributeGroup } from '../core/attributes.ts';
import type { ModelRole } from '../core/manifest.ts';
import type { LazyModel } from '../core/model-session.ts';
import type { CanonicalFace } from '../geometry/pose.ts';
import type { Affine } from '../geometry/similarity.ts';
import type { Pyramid } from '../image/pyramid.ts';
import type { FaceMesh } from './face-mesh.ts';
import type { Crop } from './run-crops.ts';

/** What is asked of each face. */
export type Details = AnalysisRequest['details'];

/** A face whose mesh is fitted, in pixels of its image. */
export interface MeshedFace {
  readonly image: Pyramid;
  readonly mesh: FaceMesh;
}

/** Looks at faces. Answers what it sees of each, in their order. */
export type Look<Seen> = (
  faces: readonly MeshedFace[],
  signal: AbortSignal | undefined,
) => Promise<readonly Seen[]>;

/** A stage that only some details need: all that the pipeline, the models and the timings know of it. */
export interface DetailStage<Seen> {
  /** The model that it runs on. */
  readonly role: ModelRole;
  /** Under which name its time is told. */
  readonly timedAs: Stage;
  /** Whether some details need it. */
  isNeeded(details: Details): boolean;
  /** The stage on its model. */
  create(model: LazyModel, canonicalFace: CanonicalFace): Look<Seen>;
}

/** Whether some of the groups are asked for. */
export function asksFor({ attributes }: Details, ...groups: readonly AttributeGroup[]): boolean {
  return groups.some((group) => attributes.includes(group));
}

/** Each face's crop and mesh; `cropOf` makes the one of the other: 468 × (x, y, z) in the image. */
export function cropsOf(
  faces: readonly MeshedFace[],
  cropOf: (mesh: Float32Array) => Affine,
): readonly (Crop & { readonly mesh: Float32Array })[] {
  return faces.map(({ image, mesh: { points } }) => ({ image, toImage: cropOf(points), mesh: points }));
}
