import type { CanonicalFace } from '../geometry/pose.ts';
import type { Detector } from '../stages/detector.ts';
import type { Embedder } from '../stages/embedder.ts';
import type { MeshModel } from '../stages/mesh-model.ts';
import type { DetailLooks } from './detail-stages.ts';

/** The stages that the pipeline runs. Their models are loaded when they first have something to do. */
export interface Models {
  /** Finds all faces, near and far. */
  readonly detector: Detector;
  /** Quicker, for near faces; gives the eyes, and confirms what the detector proposes. */
  readonly nearDetector: Detector;
  readonly mesh: MeshModel;
  readonly embedder: Embedder;
  readonly details: DetailLooks;
  readonly canonicalFace: CanonicalFace;
}
