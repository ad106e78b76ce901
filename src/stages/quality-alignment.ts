import { estimateAngle, type CanonicalFace } from '../geometry/pose.ts';
import type { FaceMesh } from './face-mesh.ts';

/** Residual that 95 % of the meshes fitted to real faces stay below (LFW, CelebA, UTKFace). */
const USUAL_RESIDUAL = 0.14;
/** Residual at which nothing of a face is left; the worst of 3,700 real faces had 0.23. */
const NO_FACE_RESIDUAL = 0.34;

/**
 * How face-like the landmark fit is, 0..1: the model's certainty that its crop shows a face, lowered when the mesh has not the
 * shape of a head. That shape is the canonical face, turned, moved and scaled onto the mesh: a residual of up to 14 % of the
 * mesh's extent, as expressions and faces differ, costs nothing; 34 % leaves 0.
 */
export function measureAlignment({ points, presence }: FaceMesh, canonical: CanonicalFace): number {
  const excess = (rigidResidual(points, canonical) - USUAL_RESIDUAL) / (NO_FACE_RESIDUAL - USUAL_RESIDUAL);
  return presence * (1 - Math.min(1, Math.max(0, excess)));
}

/** Root mean square distance of mesh and fitted canonical face, over the points' root mean square spread, 0..1. */
export function rigidResidual(mesh: Float32Array, canonical: CanonicalFace): number {
  const turned = turnedCanonical(mesh, canonical);
  const p = meanPoint(turned);
  const q = meanPoint(mesh);
  let [pq, pp, qq] = [0, 0, 0];
  for (let i = 0; i < turned.length; i++) {
    const from = turned[i]! - p[i % 3]!;
    const to = mesh[i]! - q[i % 3]!;
    pq += from * to;
    pp += from * from;
    qq += to * to;
  }
  // The scale with the least squares leaves this share of the spread; a mesh that is one point has no shape at all.
  return pp * qq > 0 && pq > 0 ? Math.sqrt(Math.max(0, 1 - (pq * pq) / (pp * qq))) : 1;
}

/** The canonical face in image axes, turned as the mesh is. */
function turnedCanonical(mesh: Float32Array, canonical: CanonicalFace): Float32Array {
  const { pitch, yaw, roll } = estimateAngle(mesh, canonical);
  const [sa, ca] = sinCos(pitch);
  const [sb, cb] = sinCos(-yaw);
  const [sc, cc] = sinCos(-roll);
  const { vertices } = canonical;
  const turned = new Float32Array(vertices.length);
  for (let i = 0; i < vertices.length; i += 3) {
    const x = vertices[i]!;
    const y = -vertices[i + 1]! * ca + vertices[i + 2]! * sa;
    const z = -vertices[i + 1]! * sa - vertices[i + 2]! * ca;
    const along = x * cb + z * sb;
    turned[i] = along * cc - y * sc;
    turned[i + 1] = along * sc + y * cc;
    turned[i + 2] = z * cb - x * sb;
  }
  return turned;
}

function sinCos(degrees: number): [sin: number, cos: number] {
  const radians = (degrees * Math.PI) / 180;
  return [Math.sin(radians), Math.cos(radians)];
}

function meanPoint(flat: Float32Array): [number, number, number] {
  const mean: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < flat.length; i++) mean[i % 3]! += (3 * flat[i]!) / flat.length;
  return mean;
}
