import type { Emotions } from '../core/attributes.ts';
import type { Liveness } from '../core/liveness.ts';
import type { ModelRole } from '../core/manifest.ts';
import type { LazyModel } from '../core/model-session.ts';
import type { CanonicalFace } from '../geometry/pose.ts';
import { type Demographics, demographicsStage } from '../stages/demographics.ts';
import type { Details, DetailStage, Look } from '../stages/detail-stage.ts';
import { emotionsStage } from '../stages/emotions.ts';
import type { FaceMesh } from '../stages/face-mesh.ts';
import { livenessStage } from '../stages/liveness.ts';
import { fineMeshStage } from '../stages/mesh-model.ts';
import { type CoveredShares, occlusionStage } from '../stages/occlusion.ts';
import { type Traits, traitsStage } from '../stages/traits.ts';

/** What each stage of details sees of a face. */
export interface Sights {
  /** Lips, eyes and irises, looked at apart. */
  readonly fineMesh: FaceMesh;
  /** What is worn. */
  readonly traits: Traits;
  /** What hides the face. */
  readonly occlusion: CoveredShares;
  /** Age and gender. */
  readonly demographics: Demographics;
  readonly emotions: Emotions;
  /** Whether it is a face; nothing where that cannot be told. */
  readonly liveness: Liveness | undefined;
}

/** One of these stages. */
export type DetailName = keyof Sights;

/** The stages that only some details need, in the order in which they run. */
export const DETAIL_STAGES: { readonly [Name in DetailName]: DetailStage<Sights[Name]> } = {
  fineMesh: fineMeshStage,
  traits: traitsStage,
  occlusion: occlusionStage,
  demographics: demographicsStage,
  emotions: emotionsStage,
  liveness: livenessStage,
};

/** What the stages have seen of a face, as far as they have run. */
export type Seen = { -readonly [Name in DetailName]?: Sights[Name] };

/** The stages on their models. */
export type DetailLooks = { readonly [Name in DetailName]: Look<Sights[Name]> };

/** The names of the stages that some details need, in the order in which they run. */
export function stagesFor(details: Details): readonly DetailName[] {
  return DETAIL_NAMES.filter((name) => DETAIL_STAGES[name].isNeeded(details));
}

/** The stages, each on the model of its role. */
export function createDetails(
  modelOf: (role: ModelRole) => LazyModel,
  canonicalFace: CanonicalFace,
): DetailLooks {
  const looks = DETAIL_NAMES.map((name) => {
    const stage = DETAIL_STAGES[name];
    return [name, stage.create(modelOf(stage.role), canonicalFace)] as const;
  });
  return Object.fromEntries(looks) as unknown as DetailLooks;
}

/** All names. */
const DETAIL_NAMES = Object.keys(DETAIL_STAGES) as readonly DetailName[];
