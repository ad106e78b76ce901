import type { Angle } from '../core/types.ts';

/** An average face that looks straight at the camera: the frame against which head pose is measured. */
export interface CanonicalFace {
  /** n × (x, y, z): x towards the image's right, y up, z towards the camera, as MediaPipe's canonical face model. */
  readonly vertices: Float32Array;
  /** n weights, 0 for points that expressions move. */
  readonly weights: Float32Array;
}

/** `models/canonical-face.json`: one triple per vertex, and the weights of the points that count. */
export interface CanonicalFaceFile {
  readonly vertices: readonly (readonly number[])[];
  readonly weights: readonly { readonly point: number; readonly weight: number }[];
}

/** The canonical face as its file gives it. */
export function readCanonicalFace(file: CanonicalFaceFile): CanonicalFace {
  const weights = new Float32Array(file.vertices.length);
  for (const { point, weight } of file.weights) weights[point] = weight;
  return { vertices: Float32Array.from(file.vertices.flat()), weights };
}

const DEGREES = 180 / Math.PI;
/** Enough for 4 × 4: Jacobi converges quadratically. */
const JACOBI_SWEEPS = 12;

/**
 * Head pose from a dense mesh (n × (x, y, z) in pixels, y down, z away from the camera) by a weighted rigid fit of
 * the canonical face. The rotation is read as roll (in the image plane, outermost) ∘ yaw ∘ pitch; the centre is the
 * weighted centroid of the mesh points.
 */
export function estimateAngle(mesh: Float32Array, canonical: CanonicalFace): Angle {
  const { rotation, centre } = headFrame(mesh, canonical);
  const [xx, , , yx, , , zx, zy, zz] = rotation;
  // Rz(γ)·Ry(β)·Rx(α): zx = −sin β, yx / xx = tan γ, zy / zz = tan α. In image axes (y down, z away) the nose points
  // along −z, so that a turn to the image's right has β < 0, a nod down α > 0, a counter-clockwise tilt γ < 0.
  return {
    pitch: within90(Math.atan2(zy, zz) * DEGREES),
    yaw: within90(Math.asin(Math.min(1, Math.max(-1, zx))) * DEGREES),
    roll: within90(-Math.atan2(yx, xx) * DEGREES),
    centerX: centre[0],
    centerY: centre[1],
  };
}

/** Where a head is and how it is turned, from a mesh as in {@link estimateAngle}. */
export interface HeadFrame {
  /** Row-major 3 × 3, from the canonical face's axes (turned to those of the image) to the mesh's. */
  readonly rotation: Matrix3;
  /** Weighted centroid of the mesh. */
  readonly centre: readonly [x: number, y: number, z: number];
}

type Matrix3 = readonly [
  ...[xx: number, xy: number, xz: number],
  ...[yx: number, yy: number, yz: number],
  ...[zx: number, zy: number, zz: number],
];

/** The weighted rigid fit of the canonical face behind {@link estimateAngle}. */
export function headFrame(mesh: Float32Array, canonical: CanonicalFace): HeadFrame {
  const { covariance, centre } = weightedCovariance(mesh, canonical);
  const [w, x, y, z] = hornQuaternion(covariance);
  const rotation: Matrix3 = [
    ...([1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)] as const),
    ...([2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)] as const),
    ...([2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)] as const),
  ];
  return { rotation, centre };
}

function within90(degrees: number): number {
  return Math.min(90, Math.max(-90, degrees)) + 0;
}

interface WeightedFit {
  /** Row-major 3 × 3: Σ w · p · qᵀ of the centred canonical points p (in image axes) and mesh points q. */
  readonly covariance: Float64Array;
  readonly centre: HeadFrame['centre'];
}

function weightedCovariance(mesh: Float32Array, { vertices, weights }: CanonicalFace): WeightedFit {
  const p = [0, 0, 0];
  const q = [0, 0, 0];
  let total = 0;
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    total += weight;
    for (let k = 0; k < 3; k++) {
      p[k]! += weight * canonicalInImageAxes(vertices, i, k);
      q[k]! += weight * mesh[3 * i + k]!;
    }
  }
  const covariance = new Float64Array(9);
  for (let i = 0; i < weights.length; i++) {
    const weight = weights[i]!;
    if (weight === 0) continue;
    for (let row = 0; row < 3; row++) {
      const from = weight * (canonicalInImageAxes(vertices, i, row) - p[row]! / total);
      for (let col = 0; col < 3; col++)
        covariance[3 * row + col]! += from * (mesh[3 * i + col]! - q[col]! / total);
    }
  }
  return { covariance, centre: [q[0]! / total, q[1]! / total, q[2]! / total] };
}

function canonicalInImageAxes(vertices: Float32Array, point: number, axis: number): number {
  const value = vertices[3 * point + axis]!;
  return axis === 0 ? value : -value;
}

/**
 * The unit quaternion (w, x, y, z) of the rotation that best takes p to q, given Σ p·qᵀ.
 * Source: Horn, "Closed-form solution of absolute orientation using unit quaternions", 1987.
 */
function hornQuaternion(s: Float64Array): [w: number, x: number, y: number, z: number] {
  const [sxx, sxy, sxz, syx, syy, syz, szx, szy, szz] = s as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  // prettier-ignore
  const n = [
    sxx + syy + szz, syz - szy,       szx - sxz,        sxy - syx,
    syz - szy,       sxx - syy - szz, sxy + syx,        szx + sxz,
    szx - sxz,       sxy + syx,       -sxx + syy - szz, syz + szy,
    sxy - syx,       szx + sxz,       syz + szy,        -sxx - syy + szz,
  ];
  const { values, vectors } = symmetricEigen(n, 4);
  let best = 0;
  for (let i = 1; i < 4; i++) if (values[i]! > values[best]!) best = i;
  return [vectors[best]!, vectors[4 + best]!, vectors[8 + best]!, vectors[12 + best]!];
}

/** Eigenvalues and column eigenvectors of a symmetric row-major matrix, by cyclic Jacobi rotations. */
function symmetricEigen(matrix: readonly number[], size: number): { values: number[]; vectors: number[] } {
  const m = [...matrix];
  const vectors = m.map((_, i) => (i % (size + 1) === 0 ? 1 : 0));
  for (let sweep = 0; sweep < JACOBI_SWEEPS; sweep++) {
    for (let p = 0; p < size - 1; p++) {
      for (let q = p + 1; q < size; q++) rotate(m, vectors, size, p, q);
    }
  }
  return { values: Array.from({ length: size }, (_, i) => m[i * size + i]!), vectors };
}

/** One Jacobi rotation that zeroes element (p, q). */
function rotate(m: number[], vectors: number[], size: number, p: number, q: number): void {
  const off = m[p * size + q]!;
  if (off === 0) return;
  const theta = (m[q * size + q]! - m[p * size + p]!) / (2 * off);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cos = 1 / Math.hypot(t, 1);
  const sin = t * cos;
  for (let k = 0; k < size; k++) {
    const kp = m[k * size + p]!;
    const kq = m[k * size + q]!;
    m[k * size + p] = cos * kp - sin * kq;
    m[k * size + q] = sin * kp + cos * kq;
    const vp = vectors[k * size + p]!;
    const vq = vectors[k * size + q]!;
    vectors[k * size + p] = cos * vp - sin * vq;
    vectors[k * size + q] = sin * vp + cos * vq;
  }
  for (let k = 0; k < size; k++) {
    const pk = m[p * size + k]!;
    const qk = m[q * size + k]!;
    m[p * size + k] = cos * pk - sin * qk;
    m[q * size + k] = sin * pk + cos * qk;
  }
}
