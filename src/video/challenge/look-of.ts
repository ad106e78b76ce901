import type { Face } from '../../core/types.ts';
import { eyeOpening } from '../../geometry/eyelids.ts';
import { smileOf } from '../../geometry/smile.ts';
import type { FaceLook } from './gestures.ts';

/** Points of the mesh that are no irises. */
const MESH_POINTS = 468;

/** What of a face's angle and mesh a challenge goes by; undefined where they were not measured. */
export function lookOf({ angle, mesh }: Pick<Face, 'angle' | 'mesh'>): FaceLook | undefined {
  if (!angle || !mesh) return undefined;
  const points = Float32Array.from(mesh.slice(0, MESH_POINTS).flatMap(({ x, y, z }) => [x, y, z]));
  const { yaw, pitch } = angle;
  return { yaw, pitch, eyes: Math.max(...eyeOpening(points)), smile: smileOf(points) };
}
