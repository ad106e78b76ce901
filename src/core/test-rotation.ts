import { sha256 } from './sha256.ts';
import { SecretRotation } from './secret-rotation.ts';

/** A secret for tests that depends on `seed` alone. */
export function testSecret(seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: 32 }, (_, i) => (31 * seed + 7 * i + ((seed * (i + 1)) >> 3)) & 255);
}

/** The rotation's matrix, column by column, in double precision. */
export function matrixOf(rotation: SecretRotation): readonly Float64Array<ArrayBuffer>[] {
  const { dimension } = rotation;
  return Array.from({ length: dimension }, (_, i) => {
    const column = new Float64Array(dimension);
    column[i] = 1;
    rotation.turn(column);
    return column;
  });
}

/** Of every bit of some rotations. */
export async function digestOfRotations(): Promise<string> {
  const bytes = [1, 2, 3, 8, 65, 192].flatMap((dimension) => {
    const columns = matrixOf(new SecretRotation(testSecret(1), 'a label', dimension));
    return columns.flatMap((column) => [...new Uint8Array(column.buffer)]);
  });
  return sha256(Uint8Array.from(bytes));
}

/** That never changes: stored vectors depend on it. */
export const DIGEST_OF_ROTATIONS = 'ea6466b6cf08867f74d864b6fef0ddaebe4cea75ed52cc25b122ed54f4e2ac5b';
