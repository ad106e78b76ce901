/** What the landmarks bench works out of its answers; pure. */
import { mean } from '../harness/averages.ts';

/** A point in pixels. */
export type Pixel = readonly [x: number, y: number];

/** Points of the 68-point scheme (iBUG) and the landmarks of the library that name the same place. */
export interface Region {
  readonly name: string;
  readonly theirs: readonly number[];
  readonly ours: readonly number[];
}

const range = (from: number, count: number, step = 1): number[] =>
  Array.from({ length: count }, (_, i) => from + step * i);

/** The contour's 17 points are every second of the library's 33; brows are compared along their upper edges. */
export const REGIONS: readonly Region[] = [
  { name: 'contour', theirs: range(0, 17), ours: range(0, 17, 2) },
  { name: 'brows', theirs: range(17, 10), ours: range(33, 10) },
  { name: 'nose', theirs: range(27, 9), ours: range(43, 9) },
  { name: 'eyes', theirs: range(36, 12), ours: range(52, 12) },
  { name: 'outer lip', theirs: range(48, 12), ours: range(84, 12) },
  { name: 'inner lip', theirs: range(60, 8), ours: range(96, 8) },
];

/** The centres of the eyes among the 106 landmarks. */
const EYE_CENTRES = [74, 77] as const;

/** Mean distance of the same points in each region, and of all but the contour, in inter-ocular distances. */
export function agreement(
  faces: readonly { readonly ours: readonly Pixel[]; readonly theirs: readonly Pixel[] }[],
): { readonly regions: Readonly<Record<string, number>>; readonly inner: number } {
  const regions: Record<string, number> = {};
  let [sum, count] = [0, 0];
  for (const { name, theirs, ours } of REGIONS) {
    const distances = faces.flatMap((face) => {
      const unit = distance(face.ours[EYE_CENTRES[0]]!, face.ours[EYE_CENTRES[1]]!);
      return theirs.map((point, i) => distance(face.theirs[point]!, face.ours[ours[i]!]!) / unit);
    });
    regions[name] = mean(distances);
    if (name === 'contour') continue;
    sum += distances.reduce((total, value) => total + value, 0);
    count += distances.length;
  }
  return { regions, inner: sum / count };
}

/** Head pose in degrees, with the library's signs. */
export interface Pose {
  readonly pitch: number;
  readonly yaw: number;
  readonly roll: number;
}

/** How two estimates of one angle differ over many faces. */
export interface AngleAgreement {
  readonly meanAbsolute: number;
  /** Mean of theirs − ours. */
  readonly offset: number;
  /** Mean absolute difference once the offset is taken away. */
  readonly withoutOffset: number;
  readonly correlation: number;
}

/** Compares one angle of two estimates. */
export function compareAngle(
  faces: readonly { readonly ours: Pose; readonly theirs: Pose }[],
  name: keyof Pose,
): AngleAgreement {
  const ours = faces.map((face) => face.ours[name]);
  const theirs = faces.map((face) => face.theirs[name]);
  const differences = theirs.map((value, i) => value - ours[i]!);
  const offset = mean(differences);
  const [a, b] = [mean(ours), mean(theirs)];
  const product = (p: readonly number[], q: readonly number[], pm: number, qm: number): number =>
    p.reduce((sum, value, i) => sum + (value - pm) * (q[i]! - qm), 0);
  return {
    meanAbsolute: mean(differences.map(Math.abs)),
    offset,
    withoutOffset: mean(differences.map((value) => Math.abs(value - offset))),
    correlation:
      product(ours, theirs, a, b) / Math.sqrt(product(ours, ours, a, a) * product(theirs, theirs, b, b)),
  };
}

function distance([ax, ay]: Pixel, [bx, by]: Pixel): number {
  return Math.hypot(ax - bx, ay - by);
}
