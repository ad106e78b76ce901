import type { CanonicalFace } from '../geometry/pose.ts';
import type { DemographicsModel } from '../stages/demographics.ts';
import type { Detector } from '../stages/detector.ts';
import type { Embedder } from '../stages/embedder.ts';
import type { EmotionsModel } from '../stages/emotions.ts';
import type { MeshModel } from '../stages/mesh-model.ts';
import type { OcclusionModel } from '../stages/occlusion.ts';
import type { TraitsModel } from '../stages/traits.ts';

/** Stages whose models are loaded when a detail first needs them. */
export interface DetailStages {
  /** Lips, eyes and irises, looked at apart. */
  readonly fineMesh: MeshModel;
  /** What is worn. */
  readonly traits: TraitsModel;
  /** What hides the face. */
  readonly occlusion: OcclusionModel;
  /** Age and gender. */
  readonly demographics: DemographicsModel;
  readonly emotions: EmotionsModel;
}

/** The stages that the pipeline runs. Owned by whoever created their sessions. */
export interface Models {
  /** Finds all faces, near and far. */
  readonly detector: Detector;
  /** Quicker, for near faces; gives the eyes, and confirms what the detector proposes. */
  readonly nearDetector: Detector;
  readonly mesh: MeshModel;
  readonly embedder: Embedder;
  readonly canonicalFace: CanonicalFace;
  /** A stage of the details, loaded on the first call. */
  readonly detail: <K extends keyof DetailStages>(
    name: K,
    signal: AbortSignal | undefined,
  ) => Promise<DetailStages[K]>;
}
