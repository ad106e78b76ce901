import type { ReliabilityFit } from '../core/manifest.ts';
import { roundReliability } from '../core/reliability.ts';
import { estimateAngle, type CanonicalFace } from '../geometry/pose.ts';
import { measureAlignment } from '../stages/quality-alignment.ts';
import { qualityCrop } from '../stages/quality-crop.ts';
import { measureSharpness } from '../stages/quality-sharpness.ts';
import { measureReliability } from '../stages/reliability.ts';
import type { FaceInWork } from './face-in-work.ts';

/**
 * How reliable the embedding of a face is whose mesh is fitted, in steps of 1/255 as it is stored. What its quality has told is not
 * measured again; no network runs.
 */
export function reliabilityOf(face: FaceInWork, canonicalFace: CanonicalFace, fit: ReliabilityFit): number {
  const { found, image, mesh, quality, embedding } = face;
  const { points, presence } = mesh!;
  const { yaw, pitch, roll } = estimateAngle(points, canonicalFace);
  const value = measureReliability(
    {
      along: embedding!.along,
      length: embedding!.length,
      faceSize: Math.min(found.box.width, found.box.height) * image.scale,
      presence,
      alignment: quality?.alignment ?? measureAlignment(mesh!, canonicalFace),
      sharpness: quality?.sharpness ?? measureSharpness(qualityCrop(image.pyramid, points)),
      yaw,
      pitch,
      roll,
    },
    fit,
  );
  return roundReliability(value);
}
