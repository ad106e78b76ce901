import type { NearFaceError } from '../core/errors.ts';
import type { FaceRecord } from '../core/records.ts';

/** What became of one photo. */
export type EnrolOutcome =
  | {
      readonly index: number;
      readonly name: string;
      readonly status: 'added';
      readonly records: readonly FaceRecord[];
    }
  | {
      readonly index: number;
      readonly name: string;
      readonly status: 'failed';
      readonly error: NearFaceError;
    };
