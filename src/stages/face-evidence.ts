/**
 * A logistic head that tells people from animals and things by the embedding that the default model gives of what was taken
 * for a face. Fitted once with scikit-learn (L2, C = 2) on 5,225 proposals in no-face-dev's photos and in `bench:detection`'s backgrounds,
 * small real faces taken out by eye, those that the detectors believe most counting six times, and on 1,999 faces: of
 * the bench's mosaics (lfw-dev), of mask-dev, of utkface-dev (children of up to three, people of 75 and more, dark-skinned ones)
 * and 50 of lfw-dev that a filter had painted or drawn. Split in halves by photo, each half judged by what was fitted on the
 * other: 4 false faces in no-face-dev's 456 photos (23 before), recall as before.
 */
const WEIGHTS: Readonly<Record<string, readonly number[]>> = {
  mobilefacenet: [
    0.2, -0.89, -0.23, 0.05, 1.62, -1.55, 2.47, -0.75, 4.52, 0.18, 0.81, -0.24, 0, -0.78, -0.02, 0.82, 1.12,
    0.37, 0.01, -0.12, 2.27, -1.05, -0.18, -0.35, 1.52, 0.04, 1.36, 0.25, -4.75, -2.4, 0.25, -3.33, -2.66,
    -0.03, 3.37, -5.36, 0.18, -0.03, 0.02, 0.39, -0.23, -0.1, -0.38, 0.49, -0.28, 1.15, 0, 1.53, 0.24, -1.67,
    -0.65, 0.15, 4.86, 0.1, 1.88, -0.01, 0.21, -0.11, 2.55, -0.67, -2.16, 1.48, 2.87, 0.51, 0.36, -0.84, 0.17,
    -0.53, -0.23, -0.17, 0.94, 1.18, 1.49, -0.35, 1.37, 0.16, -0.23, 0.04, -5.05, -1.84, 0.31, -1.08, 0.35,
    -4.34, 3.91, 0.15, 0.32, -1.93, -0.6, 4.59, 1.63, 0.09, -0.43, 0.58, 3.89, 2.87, 0.23, 1.62, 0.17, -0.53,
    -0.07, 0.49, 0.16, 0.07, -0.08, -0.23, 2.29, 0.01, 0.11, -0.28, 2.35, -0.28, -0.26, -6.02, -0.27, -2.46,
    0.13, 1.02, -0.35, -2.1, -4.34, 0.19, 1.3, -0.01, -0.15, -0.02, -0.34, 0.03, 0.21, -1.46, -0.36, -0.63,
    0.17, 1.71, -1.62, 0.36, 4.38, 1.7, -0.29, -0.36, 0.27, 0.06, 0.06, -1.17, 1.9, -0.18, 0.8, -0.24, -0.25,
    -0.02, 0.43, 2.57, 1.18, 0.65, 0.33, 0.29, -0.55, -0.05, 4.01, 0.14, 1.38, -0.02, 0.33, 0, -0.02, -0.55,
    -0.59, 1.28, 0.15, 0.16, -2.87, 0.31, 0.08, 1.19, -0.62, -0.15, 2.16, 1.63, 0.37, -0.19, 4.59, 0.44, 0.14,
    0.13, -1.59, -1.96, 2.68, -1.55, 0.95, 0.46, 1.83, 0.25,
  ],
};
/** What the near detector's logit counts beside it, and the constant that puts the even chance at 0.5. */
const NEAR_WEIGHT = 2.35;
const BIAS = 6.78;
/** The near detector's score is not believed beyond this distance from 0 and 1. */
const MARGIN = 1e-4;

/**
 * How sure it is, 0..1, that what a network says of a face, scaled to unit length, is of a person's face, given the near detector's score. Undefined for embedding models
 * that it was not fitted on. An embedding of another length comes from another model of that id: then the near detector's score
 * is all there is to go by.
 */
export function faceEvidence(
  modelId: string,
): ((embedding: ArrayLike<number>, near: number) => number) | undefined {
  const weights = Object.hasOwn(WEIGHTS, modelId) ? WEIGHTS[modelId]! : undefined;
  if (!weights) return undefined;
  return (embedding, near) => {
    const p = Math.min(1 - MARGIN, Math.max(MARGIN, near));
    if (embedding.length !== weights.length) return p;
    const logit = weights.reduce(
      (sum, weight, i) => sum + weight * embedding[i]!,
      BIAS + NEAR_WEIGHT * Math.log(p / (1 - p)),
    );
    return 1 / (1 + Math.exp(-logit));
  };
}
