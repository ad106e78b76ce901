import type { Angle } from 'nearface';

/** One axis of a head as it is seen: where its tip is from the centre, for an axis of length 1, y down. */
export interface PoseAxis {
  readonly x: number;
  readonly y: number;
  readonly turn: 'yaw' | 'pitch' | 'roll';
}

const RADIANS = Math.PI / 180;

/**
 * The head's three axes in parallel projection: across the face to the image's right (`pitch` turns about it), up
 * through the crown (`yaw`), and out along the nose (`roll`). The rotation is roll ∘ yaw ∘ pitch, as the library reads it.
 */
export function poseAxes({ yaw, pitch, roll }: Angle): readonly PoseAxis[] {
  const [alpha, beta, gamma] = [pitch * RADIANS, -yaw * RADIANS, -roll * RADIANS];
  const rolled = (turn: PoseAxis['turn'], x: number, y: number): PoseAxis => ({
    turn,
    x: x * Math.cos(gamma) - y * Math.sin(gamma),
    y: x * Math.sin(gamma) + y * Math.cos(gamma),
  });
  return [
    rolled('pitch', Math.cos(beta), 0),
    rolled('yaw', -Math.sin(alpha) * Math.sin(beta), -Math.cos(alpha)),
    rolled('roll', -Math.cos(alpha) * Math.sin(beta), Math.sin(alpha)),
  ];
}

/** `12.4` as `+12°`. */
export function degrees(value: number): string {
  const whole = Math.round(Math.abs(value));
  return `${whole === 0 ? '' : value > 0 ? '+' : '−'}${whole}°`;
}
