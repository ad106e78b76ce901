import type { NearFaceError } from '../core/errors.ts';
import type { Liveness } from '../core/liveness.ts';
import type { EnrolShortfall } from '../core/quality-gate.ts';
import type { Quality } from '../core/quality.ts';
import type { FaceRecord } from '../core/records.ts';
import type { Angle, Box } from '../core/types.ts';

/** A face that was not enrolled because its quality is below `minQuality`, its reliability below `minReliability`, or its liveness below `minLiveness`. */
export interface RejectedFace {
  /** Where it is, in pixels of the image. */
  readonly position: Box;
  /** How far its embedding could be trusted, 0..1. */
  readonly reliability?: number;
  /** There if `minQuality` or `returnDetails` asked for it. */
  readonly quality?: Quality;
  /** There if `minLiveness` asked for it and it could be told. */
  readonly liveness?: Liveness;
  /** Its head pose. */
  readonly angle: Angle;
  /** What fell short, and by how much, the reliability first, then the liveness; never empty. */
  readonly shortfalls: readonly EnrolShortfall[];
}

/** The answer of {@link Gallery.add}. */
export interface AddReport {
  /** The new records, in the order of the faces. */
  readonly records: readonly FaceRecord[];
  /** Faces below `minQuality`, `minReliability` or `minLiveness`. */
  readonly rejected: readonly RejectedFace[];
}

/** What became of one photo: `rejected` when each of its faces was below `minQuality`, `minReliability` or `minLiveness`. */
export type EnrolOutcome =
  | (AddReport & {
      readonly index: number;
      readonly name: string;
      readonly status: 'added';
    })
  | {
      readonly index: number;
      readonly name: string;
      readonly status: 'rejected';
      readonly rejected: readonly RejectedFace[];
    }
  | {
      readonly index: number;
      readonly name: string;
      readonly status: 'failed';
      readonly error: NearFaceError;
    };
