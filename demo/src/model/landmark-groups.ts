/** A part of the face and the numbers of its landmarks, of the 106. Left and right are those of the image. */
export interface LandmarkGroup {
  readonly part: string;
  /** The class that colours it. */
  readonly hue: 'contour' | 'brow' | 'nose' | 'eye' | 'mouth' | 'pupil';
  readonly points: readonly number[];
}

const run = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

export const LANDMARK_GROUPS: readonly LandmarkGroup[] = [
  { part: 'Contour', hue: 'contour', points: run(0, 32) },
  { part: 'Left eyebrow', hue: 'brow', points: [...run(33, 37), ...run(64, 67)] },
  { part: 'Right eyebrow', hue: 'brow', points: [...run(38, 42), ...run(68, 71)] },
  { part: 'Nose', hue: 'nose', points: [...run(43, 51), ...run(78, 83)] },
  { part: 'Left eye', hue: 'eye', points: [...run(52, 57), 72, 73, 74] },
  { part: 'Right eye', hue: 'eye', points: [...run(58, 63), 75, 76, 77] },
  { part: 'Mouth', hue: 'mouth', points: run(84, 103) },
  { part: 'Pupils', hue: 'pupil', points: [104, 105] },
];
