import type { Point } from '../core/types.ts';

/** Eyes, tip of the nose and corners of the mouth, left and right of the picture, among the 106 landmarks. */
const FIVE = [74, 77, 46, 84, 90] as const;

/** The five points of a face that most interfaces tell. */
export function fivePointsOf(landmarks: readonly Point[]): readonly Point[] {
  return FIVE.map((i) => landmarks[i] as Point);
}
