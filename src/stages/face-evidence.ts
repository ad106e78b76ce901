/**
 * A logistic head that tells people from animals and things by the embedding that the default model gives of what was taken
 * for a face, and by the scores of both detectors. Fitted with scikit-learn (L2, C = 4) on 690 doubtful proposals in no-face-dev's
 * photos and `bench:detection`'s scenes, small real faces taken out by eye, and on 2,560 of faces: of the scenes (lfw-dev),
 * of utkface-dev and celeba-dev, of mask-dev, counting twice, and 740 of faces of utkface-dev and celeba-dev with painted masks, dark
 * glasses and caps, half of them filling the frame. Split in tenths by photo, each judged by what was fitted on the
 * others: of mask-dev's 500 masked photos a face is found in 471 (453 by a head without masked faces and without the wide look's
 * score) with 4 false faces in no-face-dev's 434 photos of nobody, as before, and recall on the others within 1 %. What the mesh
 * sees was added afterwards, its weight and the bias chosen on mask-dev, no-face-dev and 90 mosaics: it takes three of four false
 * faces out of the mosaics (`bench:detection`).
 */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  mobilefacenet: [
    -0.03, -0.51, -0.09, -0.17, 0.74, 1.05, 0.75, 0.86, 2.82, 0.46, 0.66, -0.24, 0.09, -0.57, 0, 1.75, 0.64,
    0.2, 0, 0.15, 2.33, -0.88, -0.01, -0.12, 3.1, -0.07, 0.84, -1.02, -3.66, 0.31, 0.09, -3.12, -1, -0.08,
    2.35, -5.71, 1.29, 0.3, 0.04, 2.53, -0.21, -0.08, -0.15, 0.3, -0.26, 0.97, 0.29, 0.55, 0.05, -1.2, 0.25,
    0.12, 3.41, 0.01, 0.08, -0.04, -1.44, -0.09, 0.84, -0.46, -1.22, -0.47, 2.66, 0.73, 0.04, -0.33, 0.13,
    0.11, -0.1, -0.05, 0.62, -1.02, -0.08, -0.31, 0.31, -0.12, -0.06, -0.02, -2.38, -1.12, 0.24, -0.76, 0.15,
    -4.3, 2.8, 0.15, 0.2, -1.24, -0.98, 3.94, 1.81, -0.09, -0.53, 0.24, 2.36, 3.96, -0.06, 3.09, 0.16, -0.08,
    -0.04, 0.48, 0.17, 0.03, 0.03, -0.08, 0.46, 0.2, -0.15, -0.18, 4.05, -0.17, -0.06, -4.73, -0.07, -3.17,
    0.04, 0.25, -0.68, -1.22, -3.45, 0.11, 0.99, -0.06, -0.04, 0, -0.23, -0.06, 0.2, -0.17, -0.24, -0.35,
    0.11, 0.3, -0.37, 0.12, 2.48, 2.13, -0.19, -0.12, 0.43, -0.03, 0.06, -0.31, 2.81, 0.28, 0.31, -0.42,
    -0.29, 0.05, 0.24, -1.49, 0.7, 0.49, 0.26, 0.19, -0.59, -0.12, -0.03, 0.11, 0.71, 0, 0.42, -0.02, 0.04,
    -0.33, -0.75, 5.64, 0.17, 0, -3.53, -0.24, 0.07, 1.35, 1.11, -0.09, 0.88, 1.77, 0.21, -0.2, 3.01, -1.34,
    0.1, 0.17, 0.98, -0.57, 1.83, -0.89, 2.39, -3.21, 1.38, 0.19,
  ],
};
/** What the logits of the near detector, of the wide look that proposed the face and of the mesh count; the constant puts the even chance at 0.5. */
const NEAR_WEIGHT = 1.34;
const PROPOSED_WEIGHT = 0.28;
const MESH_WEIGHT = 0.05;
const BIAS = 5.88;
/** The scores are not believed beyond this distance from 0 and 1. */
const MARGIN = 1e-4;

/** How sure each of the models is that there is a face, 0..1. */
export interface FaceScores {
  readonly near: number;
  /** The wide look's, by which the face was proposed. */
  readonly proposed: number;
  /** The presence that the mesh model tells. */
  readonly mesh: number;
}

/**
 * How sure it is, 0..1, that what a network says of a face, scaled to unit length, is of a person's face, given what the other
 * models say: what covers a face, as a mask does, moves its
 * embedding, but a wide look still sees a head on shoulders. Undefined for embedding models that it was not fitted on, also for
 * another one of that id, whose embeddings are of another length.
 */
export function faceEvidence(
  modelId: string,
  dimension: number,
): ((embedding: ArrayLike<number>, scores: FaceScores) => number) | undefined {
  const weights = Object.hasOwn(WEIGHTS, modelId) ? WEIGHTS[modelId]! : undefined;
  if (!weights || weights.length !== dimension) return undefined;
  return (embedding, { near, proposed, mesh }) => {
    const detected = NEAR_WEIGHT * logitOf(near) + PROPOSED_WEIGHT * logitOf(proposed);
    const seen = BIAS + detected + MESH_WEIGHT * logitOf(mesh);
    const logit = weights.reduce((sum, weight, i) => sum + weight * embedding[i]!, seen);
    return 1 / (1 + Math.exp(-logit));
  };
}

function logitOf(score: number): number {
  const p = Math.min(1 - MARGIN, Math.max(MARGIN, score));
  return Math.log(p / (1 - p));
}
