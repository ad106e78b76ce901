import type { Angle, Box, Point } from 'nearface';
import { LANDMARK_GROUPS, type LandmarkGroup } from './landmark-groups.ts';

/** A landmark with its number, and the way from it in which there is room for the number. */
export interface NumberedPoint extends Point {
  readonly number: number;
  readonly group: LandmarkGroup;
  /** Unit vector. */
  readonly away: Point;
}

/** Share of the landmarks' extent that is shown around them. */
const MARGIN = 0.1;

/** The part of the picture around the landmarks. */
export function regionOf(landmarks: readonly Point[]): Box {
  const [xs, ys] = [landmarks.map(({ x }) => x), landmarks.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [width, height] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const side = Math.max(width, height) * (1 + 2 * MARGIN);
  return { left: left + width / 2 - side / 2, top: top + height / 2 - side / 2, width: side, height: side };
}

/** The landmarks of every group, each with its number kept off its neighbours. */
export function numberPoints(
  landmarks: readonly Point[],
  angle: Angle | undefined,
): readonly NumberedPoint[] {
  const roll = (-(angle?.roll ?? 0) * Math.PI) / 180;
  return LANDMARK_GROUPS.flatMap((group) => {
    const points = group.points.flatMap((number) => {
      const point = landmarks[number];
      return point ? [{ number, ...point }] : [];
    });
    const middle = {
      x: points.reduce((sum, { x }) => sum + x, 0) / points.length,
      y: points.reduce((sum, { y }) => sum + y, 0) / points.length,
    };
    return points.map((point) => {
      const away = fixedWay(point.number);
      return { ...point, group, away: away ? turn(away, roll) : outward(point, middle, point.number) };
    });
  });
}

const UP: Point = { x: 0, y: -1 };
const DOWN: Point = { x: 0, y: 1 };

/** The way of points whose neighbours stand in a line or on the same spot, for an upright face. */
function fixedWay(number: number): Point | undefined {
  if (number >= 33 && number <= 42) return UP;
  if (number >= 64 && number <= 71) return DOWN;
  if (number >= 43 && number <= 46) return { x: 1, y: 0 };
  if (number >= 47 && number <= 51) return DOWN;
  if (number === 104 || number === 105) return { x: 1, y: 0 };
  if (number === 74 || number === 77) return { x: -1, y: 0 };
  return undefined;
}

function outward(point: Point, middle: Point, number: number): Point {
  const inner = number >= 96 && number <= 103;
  const [dx, dy] = inner
    ? [middle.x - point.x, middle.y - point.y]
    : [point.x - middle.x, point.y - middle.y];
  const length = Math.hypot(dx, dy) || 1;
  return { x: dx / length, y: dy / length };
}

function turn({ x, y }: Point, angle: number): Point {
  return { x: x * Math.cos(angle) - y * Math.sin(angle), y: x * Math.sin(angle) + y * Math.cos(angle) };
}
