import { ModelFormatError } from './graph.ts';
import { wireFields, type WireField } from './protobuf-wire.ts';

/** The canonical face of `models/canonical-face.json`. */
export interface CanonicalFace {
  /**
   * x, y, z of each of the 468 mesh points in centimetres: x to the image's right, y up, z towards the camera,
   * for a face that looks straight into it.
   */
  readonly vertices: readonly (readonly [x: number, y: number, z: number])[];
  /** How much each point counts when the mesh is fitted rigidly; points not named do not count. */
  readonly weights: readonly { readonly point: number; readonly weight: number }[];
}

/** Numbers of a vertex: x, y, z, and the texture's u, v. */
const VERTEX = 5;

/**
 * Reads MediaPipe's GeometryPipelineMetadata (face_geometry/protos/geometry_pipeline_metadata.proto): field 1 is
 * the canonical mesh (its field 3 the vertices), field 2 the weighted points of the Procrustes fit.
 */
export function readCanonicalFace(bytes: Uint8Array): CanonicalFace {
  const messages = wireFields(bytes);
  const numbers = messages.flatMap(({ field, value }) => (field === 1 ? numbersOf(value, 3) : []));
  if (numbers.length !== VERTEX * 468) {
    throw new ModelFormatError(`the canonical mesh has ${numbers.length} numbers, not 468 × ${VERTEX}`);
  }
  const vertices = Array.from({ length: 468 }, (_, point): [number, number, number] => {
    const [x = 0, y = 0, z = 0] = numbers.slice(VERTEX * point, VERTEX * point + 3).map(rounded);
    return [x, y, z];
  });
  const weights = messages.flatMap(({ field, value }) => {
    const [point, weight] = field === 2 ? [...numbersOf(value, 1), ...numbersOf(value, 2)] : [];
    return point === undefined || weight === undefined ? [] : [{ point, weight: rounded(weight) }];
  });
  return { vertices, weights };
}

function numbersOf(message: WireField['value'], field: number): number[] {
  if (typeof message === 'number') return [];
  return wireFields(message).flatMap((entry) =>
    entry.field === field && typeof entry.value === 'number' ? [entry.value] : [],
  );
}

/** Seven digits, as many as a 32-bit float has. */
function rounded(number: number): number {
  return Number(number.toPrecision(7));
}
