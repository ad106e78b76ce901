import { NearFaceError } from '../core/errors.ts';
import { abortSignal, callback, integer, number, resolveOptions } from '../core/options.ts';
import type { OwnCalibration } from '../core/own-calibration.ts';
import type { Progress } from '../core/types.ts';
import { CALL } from '../worker/contract.ts';
import type { Session } from './session.ts';

/** Options of {@link Gallery.calibrate}. */
export interface CalibrateOptions {
  /** The share of pairs of two people that may be taken for one, which the recommended level keeps, 0.00000001..0.5. Default: 0.001. */
  readonly falseMatchRate?: number;
  /** Most faces that are compared, all with each other, 20..10000; ten of one person at most. Default: 2000, which is 2 million pairs. */
  readonly faces?: number;
  /** By which they are chosen, 1..2147483647: the same faces for the same seed. Default: 1. */
  readonly seed?: number;
  /** Most pairs of each kind that are told: the likest strangers, and the least alike faces of one person, 0..1000. Default: 20. */
  readonly pairs?: number;
  /** Called with the faces compared so far. */
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the call with `ABORTED`. */
  readonly signal?: AbortSignal;
}

const DEFAULTS = { falseMatchRate: 1e-3, faces: 2000, seed: 1, pairs: 20 };

/** Measures what the levels mean; see {@link Gallery.calibrate}. */
export async function calibrateGallery(
  session: Session,
  name: string,
  raw: unknown,
): Promise<OwnCalibration> {
  const fields = {
    falseMatchRate: number(1e-8, 0.5),
    faces: integer(20, 10_000),
    seed: integer(1, 2 ** 31 - 1),
    pairs: integer(0, 1000),
    onProgress: callback<(progress: Progress) => void>(),
    signal: abortSignal,
  };
  const resolved = resolveOptions<CalibrateOptions, typeof DEFAULTS>(raw, 'options', fields, DEFAULTS);
  const { onProgress, signal, ...options } = resolved;
  const { calibration, visionInfo } = session;
  const modelId = visionInfo.embedding.id;
  if (!calibration) throw needsCalibration(modelId);
  const request = { modelId, calibration, ...options };
  return session.gallery.ask('calibrate', [name, request, CALL], { signal, onProgress });
}

function needsCalibration(modelId: string): NearFaceError {
  const text = `The embedding model ${modelId} has no calibration, so that its scores have no confidence that levels could be named by; add one to the model's entry`;
  return new NearFaceError('BAD_PARAM', text, { param: 'models.embedding', value: modelId });
}
