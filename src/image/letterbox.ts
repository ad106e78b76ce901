import type { Affine } from '../geometry/similarity.ts';
import type { Box } from '../core/types.ts';

/**
 * The map from an output of `width` × `height` to image coordinates that shows the whole region, its aspect kept.
 * What is left over lies half on each side (`centre`) or at the right and bottom (`start`).
 */
export function letterbox(
  region: Box,
  width: number,
  height: number,
  place: 'centre' | 'start' = 'centre',
): Affine {
  const scale = Math.max(region.width / width, region.height / height);
  const share = place === 'centre' ? 0.5 : 0;
  const left = region.left - share * (width * scale - region.width);
  const top = region.top - share * (height * scale - region.height);
  return [scale, 0, 0, scale, left, top];
}

/** The map from an output of `width` × `height` to image coordinates that fills it with the region, aspect not kept. */
export function stretch(region: Box, width: number, height: number): Affine {
  return [region.width / width, 0, 0, region.height / height, region.left, region.top];
}

/**
 * Tiles that cover an image of `width` × `height`, evenly spaced, neighbours sharing `overlap` pixels or more, so
 * that a face of that size lies whole in one of them. A tile is never larger than the image. Row by row.
 */
export function tiles(
  width: number,
  height: number,
  tileWidth: number,
  tileHeight: number,
  overlap: number,
): Box[] {
  const columns = starts(width, tileWidth, overlap);
  const rows = starts(height, tileHeight, overlap);
  return rows.flatMap((top) =>
    columns.map((left) => ({
      left,
      top,
      width: Math.min(tileWidth, width),
      height: Math.min(tileHeight, height),
    })),
  );
}

function starts(length: number, tile: number, overlap: number): number[] {
  if (length <= tile) return [0];
  const count = Math.ceil((length - overlap) / Math.max(1, tile - overlap));
  return Array.from({ length: count }, (_, i) => (i * (length - tile)) / (count - 1));
}
