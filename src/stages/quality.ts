import type { Quality } from '../core/quality.ts';
import type { Box } from '../core/types.ts';
import type { CanonicalFace } from '../geometry/pose.ts';
import type { Pyramid } from '../image/pyramid.ts';
import { sleepiness } from '../geometry/eyelids.ts';
import type { FaceMesh } from './face-mesh.ts';
import { measureAlignment } from './quality-alignment.ts';
import { measureBrightness } from './quality-brightness.ts';
import { qualityCrop } from './quality-crop.ts';
import { measureCentered, measureIntegrity, measureMouthClosed, measureSize } from './quality-shape.ts';
import { measureSharpness } from './quality-sharpness.ts';

/** A face to measure; box and mesh in pixels of the image. */
export interface QualityInput {
  readonly image: Pyramid;
  readonly box: Box;
  readonly mesh: FaceMesh;
  readonly canonicalFace: CanonicalFace;
}

/** Everything of a face's quality that needs no network; each function says what it measures, and how. */
export function measureQuality({
  image,
  box,
  mesh,
  canonicalFace,
}: QualityInput): Omit<Quality, 'completeness'> {
  const crop = qualityCrop(image, mesh.points);
  const { width, height } = image;
  return {
    brightness: measureBrightness(crop),
    sharpness: measureSharpness(crop),
    mouthClosed: measureMouthClosed(mesh.points),
    eyesOpen: 1 - sleepiness(mesh.points),
    centered: measureCentered(box, width, height),
    size: measureSize(box, width, height),
    integrity: measureIntegrity(box, width, height),
    alignment: measureAlignment(mesh, canonicalFace),
  };
}
