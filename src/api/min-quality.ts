import { NearFaceError } from '../core/errors.ts';
import { passesLiveness } from '../core/liveness.ts';
import { checkQuality, type EnrolShortfall, type QualityGate } from '../core/quality-gate.ts';
import type { Face } from '../core/types.ts';
import type { RejectedFace } from './enrol-outcome.ts';

/** What a face must be like to be enrolled. */
export interface EnrolGate {
  /** Without one, every quality passes. */
  readonly minQuality?: QualityGate | undefined;
  readonly minReliability: number;
  /** Without one, pictures of faces pass too. */
  readonly minLiveness?: number | undefined;
}

/** Which faces pass, by their index, and why the others do not. */
export function sortByQuality(
  faces: readonly Face[],
  gate: EnrolGate,
): { readonly accepted: readonly number[]; readonly rejected: readonly RejectedFace[] } {
  const accepted: number[] = [];
  const rejected: RejectedFace[] = [];
  for (const [i, face] of faces.entries()) {
    const shortfalls = shortfallsOf(face, gate);
    if (shortfalls.length === 0) accepted.push(i);
    else rejected.push({ ...measured(face, gate), shortfalls });
  }
  return { accepted, rejected };
}

function shortfallsOf(face: Face, gate: EnrolGate): readonly EnrolShortfall[] {
  const { minQuality, minReliability, minLiveness } = gate;
  // A model of one's own tells no reliability, and then none is asked for.
  const { reliability = 1, liveness } = face;
  return [
    ...(reliability < minReliability ? [shortfall('reliability', reliability, minReliability)] : []),
    ...(minLiveness === undefined || passesLiveness(liveness, minLiveness)
      ? []
      : [shortfall('liveness', liveness?.score ?? 0, minLiveness)]),
    ...(minQuality ? checkQuality(face, minQuality).shortfalls : []),
  ];
}

function shortfall(item: EnrolShortfall['item'], value: number, min: number): EnrolShortfall {
  return { item, value, min, max: 1, by: min - value };
}

function measured(
  { position, reliability, quality, liveness, angle }: Face,
  { minQuality }: EnrolGate,
): Omit<RejectedFace, 'shortfalls'> {
  if (angle && (quality || !minQuality))
    return {
      position,
      angle,
      ...(reliability !== undefined && { reliability }),
      ...(quality && { quality }),
      ...(liveness && { liveness }),
    };
  throw new NearFaceError('WORKER_DIED', 'The vision worker left out the quality of a face; repeat the call');
}
