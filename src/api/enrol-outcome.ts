import type { NearFaceError } from '../core/errors.ts';
import type { QualityShortfall } from '../core/quality-gate.ts';
import type { Quality } from '../core/quality.ts';
import type { FaceRecord } from '../core/records.ts';
import type { Angle, Box } from '../core/types.ts';

/** A face that was not enrolled because its quality is below `minQuality`. */
export interface RejectedFace {
  /** Where it is, in pixels of the image. */
  readonly position: Box;
  readonly quality: Quality;
  readonly angle: Angle;
  /** What fell short, and by how much; never empty. */
  readonly shortfalls: readonly QualityShortfall[];
}

/** The answer of {@link Gallery.add}. */
export interface AddReport {
  /** The new records, in the order of the faces. */
  readonly records: readonly FaceRecord[];
  /** Faces below `minQuality`; always empty without it. */
  readonly rejected: readonly RejectedFace[];
}

/** What became of one photo: `rejected` when each of its faces was below `minQuality`. */
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
