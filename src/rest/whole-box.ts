import type { Box } from '../core/types.ts';

/** A box in whole pixels, as every interface tells it. */
export interface WholeBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Coordinates are whole pixels on the wire. */
export function wholeBox({ left, top, width, height }: Box): WholeBox {
  return {
    left: Math.round(left),
    top: Math.round(top),
    right: Math.round(left + width),
    bottom: Math.round(top + height),
  };
}

/** The same as corner and size. */
export function wholeRectangle({ left, top, width, height }: Box): Box {
  return {
    left: Math.round(left),
    top: Math.round(top),
    width: Math.round(width),
    height: Math.round(height),
  };
}
