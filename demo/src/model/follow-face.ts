import type { Box, Face, Point, Point3 } from 'nearface';
import { overlap } from './area.ts';

/** A look and a tracked box are of one face from this overlap on. */
const SAME_FACE = 0.2;

/** Of some faces the one that a box is on; nothing if none is there. */
export function faceAt(faces: readonly Face[], box: Box): Face | undefined {
  let [best, most]: [Face | undefined, number] = [undefined, SAME_FACE];
  for (const face of faces) {
    const share = overlap(face.position, box);
    if (share > most) [best, most] = [face, share];
  }
  return best;
}

/** A face with its points and the middle of its head moved along to where its box is now. */
export function moveTo(face: Face, box: Box): Face {
  const from = face.position;
  const [sx, sy] = [box.width / from.width, box.height / from.height];
  const place = <T extends Point>(point: T): T => ({
    ...point,
    x: box.left + (point.x - from.left) * sx,
    y: box.top + (point.y - from.top) * sy,
  });
  const { angle, mesh, landmarks } = face;
  const centre = angle && place({ x: angle.centerX, y: angle.centerY });
  return {
    ...face,
    position: box,
    ...(mesh && { mesh: mesh.map((point: Point3) => place(point)) }),
    ...(landmarks && { landmarks: landmarks.map((point) => place(point)) }),
    ...(angle && centre && { angle: { ...angle, centerX: centre.x, centerY: centre.y } }),
  };
}
