import type { CanonicalFace } from '../geometry/pose.ts';
import type { DemographicsModel } from '../stages/demographics.ts';
import type { Detector } from '../stages/detector.ts';
import type { Embedder } from '../stages/embedder.ts';
import type { EmotionsModel } from '../stages/emotions.ts';
import type { MeshModel } from '../stages/mesh-model.ts';
import type { OcclusionModel } from '../stages/occlusion.ts';
import type { TraitsModel } from '../stages/traits.ts';

/** Stages that details need. */
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

/** The stages that the pipeline runs. Their models are loaded when they first have something to do. */
export interface Models extends DetailStages {
  /** Finds all faces, near and far. */
  readonly detector: Detector;
  /** Quicker, for near faces; gives the eyes, and confirms what the detector proposes. */
  readonly nearDetector: Detector;
  readonly mesh: MeshModel;
  readonly embedder: Embedder;
  readonly canonicalFace: CanonicalFace;
}
