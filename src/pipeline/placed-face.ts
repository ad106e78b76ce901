import type { Box, Face, Point, Point3 } from '../core/types.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import type { QuarterTurn } from '../image/quarter-turns.ts';
import type { FoundFace } from './found-face.ts';
import { turnBox, turnPoint, undoing } from './rotate.ts';

/** A face, and the image that it is measured in. */
export interface PlacedFace {
  /** The image that faces are told of, or a turned copy of it in which this one stands upright. */
  readonly image: DecodedImage;
  /** In pixels of that one's pyramid. */
  readonly found: FoundFace;
  /** In pixels of the pyramid of the image that faces are told of. */
  readonly box: Box;
  /** Degrees clockwise that `image` is turned by; absent where no face was looked for in other turns by itself. */
  readonly turn?: QuarterTurn;
  /** Whether the image is an aligned crop. */
  readonly isAligned?: boolean;
}

/** The faces of an image. */
export interface Finding {
  /** The image that faces are told of. */
  readonly image: DecodedImage;
  /** Degrees clockwise that `image` was turned by, beside what its file says. */
  readonly rotation: QuarterTurn;
  readonly faces: readonly PlacedFace[];
}

/** A measured face as it lies in the image that faces are told of; of its angle only the centre is turned back. */
export function tellPlaced(face: Face, { image, turn }: PlacedFace): Face {
  if (turn === undefined) return face;
  const [back, { width, height }] = [undoing(turn), image];
  const turnBack = (point: Point): Point => turnPoint(point, back, width, height);
  const { angle, landmarks, mesh } = face;
  const centre = angle && turnBack({ x: angle.centerX, y: angle.centerY });
  return {
    ...face,
    position: turnBox(face.position, back, width, height),
    rotation: turn,
    ...(angle && centre && { angle: { ...angle, centerX: centre.x, centerY: centre.y } }),
    ...(landmarks && { landmarks: landmarks.map(turnBack) }),
    ...(mesh && { mesh: mesh.map((point): Point3 => ({ ...point, ...turnBack(point) })) }),
  };
}
