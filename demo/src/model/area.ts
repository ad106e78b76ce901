import type { Box, Detection } from 'nearface';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Shorter side of the smallest area that can be drawn, in pixels of the image. */
export const SMALLEST_AREA = 16;

/** The box with whole numbers, inside the picture and not too small. */
export function fitArea(box: Box, picture: Size): Box {
  const width = clamp(Math.round(box.width), SMALLEST_AREA, picture.width);
  const height = clamp(Math.round(box.height), SMALLEST_AREA, picture.height);
  return {
    left: clamp(Math.round(box.left), 0, picture.width - width),
    top: clamp(Math.round(box.top), 0, picture.height - height),
    width,
    height,
  };
}

/** The box between two corners. */
export function boxBetween(a: { x: number; y: number }, b: { x: number; y: number }): Box {
  return {
    left: Math.min(a.x, b.x),
    top: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}

/** The middle of the picture, half as wide and high. */
export function middleOf({ width, height }: Size): Box {
  return fitArea(
    { left: width / 4, top: height / 4, width: width / 2, height: height / 2 },
    { width, height },
  );
}

/** Where a box of the picture lies after quarter turns; `picture` is the size before them, `turn` in degrees clockwise. */
export function turnBox(box: Box, picture: Size, turn: Detection['rotation']): Box {
  const { left, top, width, height } = box;
  const right = picture.width - left - width;
  const bottom = picture.height - top - height;
  if (turn === 90) return { left: bottom, top: left, width: height, height: width };
  if (turn === 180) return { left: right, top: bottom, width, height };
  if (turn === 270) return { left: top, top: right, width: height, height: width };
  return box;
}

/** The share of the two boxes' union that they have in common. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (a.width * a.height + b.width * b.height - width * height);
}

function clamp(value: number, from: number, to: number): number {
  return Math.min(Math.max(value, from), to);
}
