/**
 * A logistic head that tells people from animals and things by the embedding that the default model gives of what was taken
 * for a face, and by the scores of both detectors. Fitted with scikit-learn (L2, C = 4) on 697 doubtful proposals in no-face-dev's
 * photos and `bench:detection`'s scenes, small real faces taken out by eye, and on 2,560 of faces: of the scenes (lfw-dev),
 * of utkface-dev and celeba-dev, of mask-dev, counting twice, and 740 of faces of utkface-dev and celeba-dev with painted masks, dark
 * glasses and caps, half of them filling the frame. Split in tenths by photo, each judged by what was fitted on the
 * others: at 4 false faces in no-face-dev's 434 photos of nobody, a face is found in 471 of mask-dev's 500 masked photos and in 89 %
 * of the painted ones of which the detectors are unsure; in 453 and 78 % by a head fitted without masks and without the wide
 * look's score.
 */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  mobilefacenet: [
    0, -0.55, -0.12, -0.16, 0.84, 0.61, 0.86, 0.54, 3.11, 0.81, 0.7, -0.27, 0.11, -0.6, 0, 1.92, 0.69, 0.21,
    0.01, 0.13, 2.31, -1.03, -0.21, -0.13, 3.08, -0.08, 0.92, -0.96, -3.81, -0.23, 0.15, -3.52, -0.91, -0.07,
    2.5, -6.31, 1.67, 0.31, 0.03, 2.62, -0.19, -0.08, -0.18, 0.3, -0.27, 1.03, 0.12, 0.64, 0.09, -1.27, 0.6,
    0.13, 3.25, 0.02, 0.43, -0.01, -1.57, -0.09, 0.99, -0.48, -1.27, -0.25, 2.76, 0.79, 0.01, -0.42, 0.13,
    0.09, -0.11, -0.05, 0.66, -0.64, 0.36, -0.31, 0.29, -0.12, -0.11, -0.02, -2.66, -1.01, 0.22, -0.98, 0.19,
    -4.52, 2.93, 0.15, 0.21, -1.39, -1.23, 4.86, 1.49, -0.06, -0.5, 0.27, 2.24, 3.91, 0.38, 3.25, 0.13, -0.09,
    -0.04, 0.47, 0.18, 0.02, 0.05, -0.1, 0.9, 0.17, -0.2, -0.16, 3.5, -0.16, -0.11, -4.94, -0.1, -3.79, 0.06,
    0.37, -1.17, -0.96, -3.94, -0.01, 1.24, -0.05, -0.05, 0, -0.26, -0.05, 0.22, -0.32, -0.25, -0.38, 0.11,
    0.48, -0.63, 0.14, 2.75, 1.65, -0.16, -0.17, 0.47, -0.01, 0.06, -0.26, 2.74, -0.16, 0.4, -0.42, -0.27,
    0.04, 0.24, -1.19, 0.65, 0.5, 0.27, 0.22, -0.63, -0.09, -0.38, 0.12, 0.86, 0, 0.44, -0.01, 0.04, -0.38,
    -0.8, 5.19, 0.17, 0, -3.84, -0.24, 0.08, 1.43, 0.87, -0.09, 1.11, 1.75, 0.25, -0.22, 3.68, -1.08, 0.08,
    0.17, 0.85, 0.08, 1.96, -0.87, 2.23, -2.83, 1.5, 0.2,
  ],
};
/** What the logits of the near detector and of the wide look that proposed the face count beside it, and the constant that puts the even chance at 0.5. */
const NEAR_WEIGHT = 1.45;
const PROPOSED_WEIGHT = 0.32;
const BIAS = 6.67;
/** The detectors' scores are not believed beyond this distance from 0 and 1. */
const MARGIN = 1e-4;

/**
 * How sure it is, 0..1, that what a network says of a face, scaled to unit length, is of a person's face, given the score of the
 * near detector and that of the wide look by which the face was proposed: what covers a face, as a mask does, moves its
 * embedding, but a wide look still sees a head on shoulders. Undefined for embedding models that it was not fitted on.
 */
export function faceEvidence(
  modelId: string,
): ((embedding: ArrayLike<number>, near: number, proposed: number) => number) | undefined {
  const weights = Object.hasOwn(WEIGHTS, modelId) ? WEIGHTS[modelId]! : undefined;
  if (!weights) return undefined;
  return (embedding, near, proposed) => {
    const seen = BIAS + NEAR_WEIGHT * logitOf(near) + PROPOSED_WEIGHT * logitOf(proposed);
    const logit = weights.reduce((sum, weight, i) => sum + weight * embedding[i]!, seen);
    return 1 / (1 + Math.exp(-logit));
  };
}

function logitOf(score: number): number {
  const p = Math.min(1 - MARGIN, Math.max(MARGIN, score));
  return Math.log(p / (1 - p));
}
