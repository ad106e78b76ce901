import type { AnalysisRequest } from '../core/analysis.ts';
import { MAX_WORKING_PIXELS } from '../image/decoded-image.ts';

/** Enough to find faces of 1.5 % of a picture's shorter side in: they have 30 pixels or more. */
const FINDING_PIXELS = 6e6;

/**
 * The most pixels to work on, larger pictures being scaled down to them. Where faces of the usual sizes are only to be found,
 * fewer will do than where something is measured on them.
 */
export function workingPixels({ minFaceSize, area, details, enrol }: AnalysisRequest): number {
  const { attributes, ...parts } = details;
  const isMeasured = attributes.length > 0 || Object.values(parts).includes(true) || enrol !== null;
  return isMeasured || minFaceSize !== 'auto' || area ? MAX_WORKING_PIXELS : FINDING_PIXELS;
}
