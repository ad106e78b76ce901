/** For tests: a calibration in which bad faces are more alike by chance. */
import type { Calibration } from './manifest.ts';

export const TEST_CALIBRATION: Calibration = {
  points: [
    { fmr: 1e-1, cosine: 0.198 },
    { fmr: 1e-2, cosine: 0.347 },
    { fmr: 1e-3, cosine: 0.45 },
    { fmr: 1e-4, cosine: 0.531 },
    { fmr: 1e-5, cosine: 0.599 },
  ],
  measuredOn: 'a test',
  impostorPairs: 1e6,
};

export const BY_RELIABILITY: Calibration = {
  ...TEST_CALIBRATION,
  byReliability: {
    assumed: 0.6,
    knots: [0, 0.3, 0.7, 1],
    shift: [
      [0.31, 0.17, 0.06, 0.03],
      [0.17, 0.12, 0.04, 0.01],
      [0.06, 0.04, 0.02, 0],
      [0.03, 0.01, 0, 0],
    ],
    scale: [
      [1.6, 1.3, 1.15, 1.1],
      [1.3, 1.2, 1.07, 1.03],
      [1.15, 1.07, 1.02, 1],
      [1.1, 1.03, 1, 1],
    ],
  },
};
