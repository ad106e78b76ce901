/** Corners of the mouth on the image's left and right, and the middle of its lips, in the dense mesh. */
const CORNERS = [61, 291] as const;
const LIPS = [0, 17] as const;
/** The outer corners of the eyes. */
const EYE_CORNERS = [33, 263] as const;

/**
 * How much the corners of the mouth are drawn apart and up: the mean of their distance, and of how far they lie above the middle of the lips, over
 * the distance of the outer corners of the eyes; all in three dimensions, so that turning the head changes little. It differs from face to face:
 * what counts is how much it grows. `mesh` is 468 × (x, y, z).
 */
export function smileOf(mesh: Float32Array): number {
  const eyes = between(mesh, ...EYE_CORNERS);
  const size = Math.hypot(...eyes);
  if (!(size > 0)) return 0;
  const width = Math.hypot(...between(mesh, ...CORNERS));
  // Up is from chin to brow: at right angles to the line of the eyes, in the plane of the face.
  const along = (between(mesh, 152, 10) as readonly number[]).map((x) => x);
  const up = Math.hypot(...along);
  const lift = CORNERS.reduce((sum, corner) => {
    const from = LIPS.map((lip) => between(mesh, lip, corner));
    const above = from.reduce((total, v) => total + v.reduce((dot, x, k) => dot + x * along[k]!, 0) / up, 0);
    return sum + above / LIPS.length / CORNERS.length;
  }, 0);
  return (width + lift) / size;
}

function between(mesh: Float32Array, from: number, to: number): [x: number, y: number, z: number] {
  const along = (axis: number): number => mesh[3 * to + axis]! - mesh[3 * from + axis]!;
  return [along(0), along(1), along(2)];
}
