/** The corners of an eye and pairs of points on its upper and lower lid, in the dense mesh. */
interface EyePoints {
  readonly corners: readonly [outer: number, inner: number];
  readonly lids: readonly (readonly [upper: number, lower: number])[];
}

/** The eye on the image's left, and that on its right. */
const EYES: readonly [EyePoints, EyePoints] = [
  {
    corners: [33, 133],
    lids: [
      [161, 163],
      [160, 144],
      [159, 145],
      [158, 153],
      [157, 154],
    ],
  },
  {
    corners: [263, 362],
    lids: [
      [388, 390],
      [387, 373],
      [386, 374],
      [385, 380],
      [384, 381],
    ],
  },
];

/**
 * How far an eye is open on the image's left and right: the mean distance of its lids over its width, both in three
 * dimensions, so that turning the head changes neither. About 0.25 for open eyes, 0.1 for closed ones. `mesh` is
 * 468 × (x, y, z). Source: the eye aspect ratio of Soukupová and Čech, Real-Time Eye Blink Detection using Facial
 * Landmarks (2016), on more points.
 */
export function eyeOpening(mesh: Float32Array): readonly [left: number, right: number] {
  const [left, right] = EYES;
  return [openingOf(mesh, left), openingOf(mesh, right)];
}

/** The opening at which a face is as likely sleepy as not, and how much it takes to be three times as likely. */
const DROWSY_OPENING = 0.14;
const DROWSY_SLOPE = 0.012;

/**
 * How certain it is that the eyes are closed or nearly so, 0..1, from the more open one: a wink is not sleep. The two
 * constants were set by looking at faces with openings around them (models/expression.md); a narrow squint counts as sleepy.
 */
export function sleepiness(mesh: Float32Array): number {
  const opening = Math.max(...eyeOpening(mesh));
  return 1 / (1 + Math.exp((opening - DROWSY_OPENING) / DROWSY_SLOPE));
}

function openingOf(mesh: Float32Array, { corners, lids }: EyePoints): number {
  const width = distance(mesh, corners[0], corners[1]);
  const height = lids.reduce((sum, [upper, lower]) => sum + distance(mesh, upper, lower), 0) / lids.length;
  return width > 0 ? height / width : 0;
}

function distance(mesh: Float32Array, i: number, j: number): number {
  const along = (axis: number): number => mesh[3 * i + axis]! - mesh[3 * j + axis]!;
  return Math.hypot(along(0), along(1), along(2));
}
