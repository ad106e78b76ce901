import type { Box } from 'nearface';

/** Where a box and its label are drawn over a picture. */
export interface BoxPlace {
  /** Left, top, width and height in per cent of the picture, and `--room`: the label's in per cent of the box. */
  readonly style: Readonly<Record<string, string>>;
  /** Whether the label stands below the box, as there is no room above. */
  readonly below: boolean;
  /** Whether the label ends at the box's right edge and grows to the left. */
  readonly right: boolean;
  /** Where a second, taller text goes: under the box, under the label there, or inside where neither has room. */
  readonly foot: 'under' | 'under-label' | 'within';
}

interface Placed {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly labelBelow: boolean;
  readonly labelRight: boolean;
}

/** Share of a small picture's height that a label takes. */
const LABEL_HEIGHT = 0.1;
/** Share of a small picture's height that three short lines take. */
const FOOT_HEIGHT = 0.14;

/** Places the parts of the boxes that are inside the picture, and keeps labels clear of their neighbours. */
export function placeBoxes(
  boxes: readonly Box[],
  width: number,
  height: number,
  mirrored: boolean,
): readonly BoxPlace[] {
  const placed = boxes.map((box) => place(box, width, height, mirrored));
  const share = (part: number): string => `${(part * 100).toFixed(3)}%`;
  return placed.map((one) => ({
    style: {
      left: share(one.left),
      top: share(one.top),
      width: share(one.right - one.left),
      height: share(one.bottom - one.top),
      '--room': share(room(one, placed) / (one.right - one.left)),
    },
    below: one.labelBelow,
    right: one.labelRight,
    foot: one.bottom > 1 - FOOT_HEIGHT ? 'within' : one.labelBelow ? 'under-label' : 'under',
  }));
}

/** A box in shares of the picture. */
function place(box: Box, width: number, height: number, mirrored: boolean): Placed {
  const from = Math.max(0, box.left) / width;
  const to = Math.min(width, box.left + box.width) / width;
  const [left, right] = mirrored ? [1 - to, 1 - from] : [from, to];
  const top = Math.max(0, box.top) / height;
  const bottom = Math.min(height, box.top + box.height) / height;
  return { left, right, top, bottom, labelBelow: top < 0.12, labelRight: (left + right) / 2 > 0.6 };
}

/** How wide a label may be before it meets a neighbour or the picture's edge, in shares of the picture's width. */
function room(one: Placed, all: readonly Placed[]): number {
  const [top, bottom] = labelBand(one);
  const [start, way] = one.labelRight ? [one.right, -1] : [one.left, 1];
  let free = one.labelRight ? one.right : 1 - one.left;
  for (const other of all) {
    const [otherTop, otherBottom] = labelBand(other);
    const apart = Math.min(other.top, otherTop) > bottom || Math.max(other.bottom, otherBottom) < top;
    if (other === one || apart) continue;
    const gap = way > 0 ? other.left - one.right : one.left - other.right;
    if (gap < 0) continue;
    const shared = other.labelRight === one.labelRight ? gap : gap / 2;
    const near = way > 0 ? one.right + shared : one.left - shared;
    free = Math.min(free, Math.abs(near - start));
  }
  return free;
}

function labelBand({ top, bottom, labelBelow }: Placed): readonly [number, number] {
  return labelBelow ? [bottom, bottom + LABEL_HEIGHT] : [top - LABEL_HEIGHT, top];
}
