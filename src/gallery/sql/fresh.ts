/** New embeddings beside those that answer. */
import { rotated } from '../../core/secret-rotation.ts';
import { wrongDimension } from '../gallery-errors.ts';
import type { FreshEmbedding } from '../port.ts';
import { columnBytes, columnNumber, columnText } from './columns.ts';
import type { SqlTx } from './sql-tx.ts';

/** Keeps new embeddings; those of faces that are gone are not kept. @throws NearFaceError `BAD_PARAM` of one that is not as long as the model's others */
export async function putFresh(tx: SqlTx, modelId: string, made: readonly FreshEmbedding[]): Promise<void> {
  const dimension = tx.counters.models.get(modelId)?.dimension;
  for (const { seq, vector, reliability } of made) {
    const [face] = await tx.ask('SELECT 1 FROM @faces WHERE seq = $1', [columnNumber(seq)]);
    if (!face) continue;
    checkLength(modelId, seq, vector, dimension ?? vector.length);
    await tx.ask(
      `INSERT INTO @fresh VALUES ($1, $2, $3, $4) ON CONFLICT (model, seq)
       DO UPDATE SET vector = excluded.vector, reliability = excluded.reliability`,
      [columnText(modelId), seq, columnBytes(rotated(tx.rotations, modelId, vector)), reliability ?? null],
    );
  }
}

/** @throws NearFaceError `BAD_PARAM` */
export function checkLength(modelId: string, seq: number, { length }: Float32Array, dimension: number): void {
  if (length !== dimension) throw wrongDimension(`the new vector of face ${seq}`, length, dimension, modelId);
}
