/** Where things worn on a head lie in a photo, by the mesh. */
import type { Point3 } from '../../src/index.ts';

/** Where a point of the head, in millimetres, lies in the photo; without z it lies on the glasses. */
export type Project = (x: number, y: number, z?: number) => readonly [number, number];

/** Millimetres on the head to pixels: x to the image's right, y down, z to the back of the head, the origin between the eyes. */
export function headFrame(mesh: readonly Point3[]): { readonly project: Project; readonly scale: number } {
  const between = (a: number, b: number): Vector => minus(mesh[b]!, mesh[a]!);
  // The outer corners of the eyes lie about 90 mm apart.
  const across = times(between(33, 263), 1 / 90);
  const scale = Math.hypot(...across);
  const spine = between(10, 152);
  const upright = minusVector(spine, times(across, dot(spine, across) / scale ** 2));
  const down = times(upright, scale / Math.hypot(...upright));
  const back = times(cross(across, down), 1 / scale);
  const corners = [33, 133, 362, 263].map((index) => mesh[index]!);
  const [x0, y0] = [mean(corners.map(({ x }) => x)), mean(corners.map(({ y }) => y))];
  // The lenses stand some millimetres before the eyes, and follow the face around.
  const project: Project = (x, y, z = -8 + x ** 2 / 400) => [
    x0 + x * across[0] + (y + 1) * down[0] + z * back[0],
    y0 + x * across[1] + (y + 1) * down[1] + z * back[1],
  ];
  return { project, scale };
}

type Vector = readonly [number, number, number];

function minus(a: Point3, b: Point3): Vector {
  return [a.x - b.x, a.y - b.y, a.z - b.z];
}

function minusVector(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function times([x, y, z]: Vector, factor: number): Vector {
  return [x * factor, y * factor, z * factor];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
