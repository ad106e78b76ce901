import { NearFaceError } from '../core/errors.ts';
import { checkQuality, type QualityGate } from '../core/quality-gate.ts';
import type { Face } from '../core/types.ts';
import type { RejectedFace } from './enrol-outcome.ts';

/** Which faces pass, by their index, and why the others do not. Without a gate all pass. */
export function sortByQuality(
  faces: readonly Face[],
  gate: QualityGate | undefined,
): { readonly accepted: readonly number[]; readonly rejected: readonly RejectedFace[] } {
  const accepted: number[] = [];
  const rejected: RejectedFace[] = [];
  for (const [i, face] of faces.entries()) {
    const shortfalls = gate ? checkQuality(face, gate).shortfalls : [];
    if (shortfalls.length === 0) accepted.push(i);
    else rejected.push({ ...measured(face), shortfalls });
  }
  return { accepted, rejected };
}

function measured({ position, quality, angle }: Face): Omit<RejectedFace, 'shortfalls'> {
  if (quality && angle) return { position, quality, angle };
  throw new NearFaceError('WORKER_DIED', 'The vision worker left out the quality of a face; repeat the call');
}
