import { expect, it } from 'vitest';
import type { Face } from 'nearface';
import { faceAt, moveTo } from './follow-face.ts';

const face: Face = {
  position: { left: 100, top: 100, width: 50, height: 60 },
  score: 1,
  angle: { yaw: 5, pitch: 0, roll: 0, centerX: 125, centerY: 130 },
  mesh: [{ x: 100, y: 160, z: 3 }],
};

it('a face goes along with its box', () => {
  const moved = moveTo(face, { left: 200, top: 0, width: 100, height: 120 });
  expect(moved.angle).toMatchObject({ yaw: 5, centerX: 250, centerY: 60 });
  expect(moved.mesh).toEqual([{ x: 200, y: 120, z: 3 }]);
});

it('a box is of the face it covers most, and of none that is elsewhere', () => {
  const other = { ...face, position: { ...face.position, left: 110 } };
  expect(faceAt([other, face], face.position)).toBe(face);
  expect(faceAt([face], { ...face.position, left: 400 })).toBeUndefined();
});
