import type { VNode } from 'preact';
import type { Face } from 'nearface';
import { poseAxes } from '../model/pose-axes.ts';

/** Length of an axis seen from the side, as a share of the face box's width. */
const LENGTH = 0.45;
/** Sides of an arrow's head, as a share of the face box's width. */
const HEAD = 0.09;

/** The three axes of a head as arrows, inside an SVG whose units are the picture's pixels. */
export function PoseArrows({ face: { angle, position } }: { readonly face: Face }): VNode | null {
  if (!angle) return null;
  const { centerX, centerY } = angle;
  const length = LENGTH * position.width;
  return (
    <g class="pose">
      {poseAxes(angle).map(({ x, y, turn }) => (
        <path
          key={turn}
          class={`pose-axis ${turn}`}
          d={arrow(centerX, centerY, x * length, y * length, HEAD * position.width)}
        />
      ))}
    </g>
  );
}

/** A line with a head that shrinks with it as it points at the viewer. */
function arrow(x: number, y: number, dx: number, dy: number, head: number): string {
  const length = Math.hypot(dx, dy);
  const size = Math.min(head, 0.6 * length);
  const [ux, uy] = length > 0 ? [dx / length, dy / length] : [0, 0];
  const [tipX, tipY] = [x + dx, y + dy];
  const barb = (side: number): string =>
    `${(tipX - size * (ux + side * 0.6 * uy)).toFixed(1)} ${(tipY - size * (uy - side * 0.6 * ux)).toFixed(1)}`;
  const tip = `${tipX.toFixed(1)} ${tipY.toFixed(1)}`;
  return `M${x.toFixed(1)} ${y.toFixed(1)}L${tip}M${barb(1)}L${tip}L${barb(-1)}`;
}
