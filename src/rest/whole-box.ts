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
