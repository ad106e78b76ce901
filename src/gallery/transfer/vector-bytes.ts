/** A vector as little-endian float32. */
export function vectorBytes(vector: Float32Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(vector.length * 4));
  for (let i = 0; i < vector.length; i++) view.setFloat32(i * 4, vector[i] as number, true);
  return new Uint8Array(view.buffer);
}

/** Row `row` of a table of little-endian float32, as a copy. */
export function readVector(
  table: Uint8Array<ArrayBuffer>,
  row: number,
  dimension: number,
): Float32Array<ArrayBuffer> {
  const view = new DataView(table.buffer, table.byteOffset + row * dimension * 4, dimension * 4);
  const vector = new Float32Array(dimension);
  for (let i = 0; i < dimension; i++) vector[i] = view.getFloat32(i * 4, true);
  return vector;
}
