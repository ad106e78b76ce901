import type { Box, Point } from '../core/types.ts';
import type { FaceMesh } from '../stages/face-mesh.ts';

/** A face in pixels of the image it was looked for in. */
export interface FoundFace {
  readonly box: Box;
  /** 0..1. */
  readonly score: number;
  /** The eyes on the image's left and right; absent if no detector with points saw the face. */
  readonly eyes?: readonly [left: Point, right: Point];
  /** Fitted twice, where the face had to be looked at that closely to be believed. */
  readonly mesh?: FaceMesh;
}

/** The roll of the line between two eyes, in degrees, clockwise. */
export function eyesRollDeg([left, right]: readonly [left: Point, right: Point]): number {
  return (Math.atan2(right.y - left.y, right.x - left.x) * 180) / Math.PI;
}
