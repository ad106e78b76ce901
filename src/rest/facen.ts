import { base64Of } from './base64.ts';
import { wrongField } from './problem.ts';

const BYTES = 4;

/** An embedding as FindFace sends it: little-endian float32, in base64. */
export function facenOf(embedding: Float32Array): string {
  const bytes = new Uint8Array(BYTES * embedding.length);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of embedding.entries()) view.setFloat32(BYTES * i, value, true);
  return base64Of(bytes);
}

/** The numbers of such an embedding. @throws RestError `BAD_PARAM` unless there are `dimension` of them */
export function readFacen(bytes: Uint8Array, dimension: number): Float32Array<ArrayBuffer> {
  if (bytes.length !== BYTES * dimension) {
    const expected = `${dimension} little-endian float32 numbers, ${BYTES * dimension} bytes`;
    throw wrongField('facen', `${bytes.length} bytes`, expected);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: dimension }, (_, i) => view.getFloat32(BYTES * i, true));
}
