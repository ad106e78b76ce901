import { badParam } from '../core/errors.ts';
import type { Box, Region } from '../core/types.ts';
import { clampBox, containsCentre, expandBox } from '../geometry/boxes.ts';

/** Which tracked faces are reported, in pixels of the camera's own picture. */
export interface ReportRules {
  /** Only faces whose box's centre lies here; absent: all. */
  readonly roi?: Box | undefined;
  /** Least shorter side of a face's box. */
  readonly minFaceSize?: number | undefined;
  /** Greatest longer side of a face's box. */
  readonly maxFaceSize?: number | undefined;
}

/** `WxH+X+Y` as X11 has it. A sign before an offset says from which edge it counts: `-` from the right or bottom one. */
export const GEOMETRY: RegExp = /^(\d+)x(\d+)([+-])(\d+)([+-])(\d+)$/;

/**
 * The part of a `width` × `height` picture that a text `WxH+X+Y` names: `200x100-0-10` touches the right edge and stays 10 px
 * off the lower one. Clipped to the picture.
 *
 * @throws NearFaceError `BAD_PARAM` if the text is no geometry, or nothing of it lies in the picture
 */
export function geometryFromText(text: string, width: number, height: number, path = 'geometry'): Box {
  const parts = typeof text === 'string' ? GEOMETRY.exec(text) : null;
  if (!parts) throw badParam(path, text, `a text 'WxH+X+Y' in pixels, as '640x480+0-20'`);
  const [w, h, x, y] = [Number(parts[1]), Number(parts[2]), Number(parts[4]), Number(parts[6])];
  const left = parts[3] === '-' ? width - w - x : x;
  const top = parts[5] === '-' ? height - h - y : y;
  return clipRegion({ left, top, width: w, height: h }, width, height, path);
}

/**
 * The same of a camera record's `[W, H, X, Y]`; negative offsets count from the right and bottom edges.
 *
 * @throws NearFaceError `BAD_PARAM` as {@link geometryFromText}
 */
export function geometryFromList(
  list: readonly number[],
  width: number,
  height: number,
  path = 'geometry',
): Box {
  const isList = Array.isArray(list) && list.length === 4 && list.every((value) => Number.isFinite(value));
  if (!isList) throw badParam(path, list, 'four numbers [W, H, X, Y] in pixels');
  const [w, h, x, y] = list as [number, number, number, number];
  const left = x < 0 ? width - w + x : x;
  const top = y < 0 ? height - h + y : y;
  return clipRegion({ left, top, width: w, height: h }, width, height, path);
}

/** A region of a picture of this size. @throws NearFaceError `BAD_PARAM` if it is none, or nothing of it lies in the picture */
export function regionIn(region: Region, width: number, height: number, path = 'region'): Box {
  if (typeof region === 'string') return geometryFromText(region, width, height, path);
  if ('left' in region) return clipRegion(region, width, height, path);
  return geometryFromList(region, width, height, path);
}

/** A box as `[W, H, X, Y]`, in whole pixels: what {@link geometryFromList} reads. */
export function geometryToList(box: Box): readonly [number, number, number, number] {
  const [left, top] = [Math.round(box.left), Math.round(box.top)];
  const right = Math.round(box.left + box.width);
  const bottom = Math.round(box.top + box.height);
  return [right - left, bottom - top, left, top];
}

/** The same as a text `WxH+X+Y`: what {@link geometryFromText} reads. */
export function geometryToText(box: Box): string {
  const [width, height, x, y] = geometryToList(box);
  return `${width}x${height}+${x}+${y}`;
}

/** A region within a picture. @throws NearFaceError `BAD_PARAM` if nothing is left of it */
export function clipRegion(region: Box, width: number, height: number, path = 'region'): Box {
  const clipped = clampBox(region, width, height);
  if (clipped.width > 0 && clipped.height > 0) return clipped;
  const { left, top } = region;
  throw badParam(
    path,
    `${region.width}x${region.height} at ${left}, ${top}`,
    `a region of which some lies in the picture of ${width} × ${height} pixels`,
  );
}

/** Whether a face of this box is reported. */
export function isReported(box: Box, { roi, minFaceSize, maxFaceSize }: ReportRules): boolean {
  if (minFaceSize !== undefined && Math.min(box.width, box.height) < minFaceSize) return false;
  if (maxFaceSize !== undefined && Math.max(box.width, box.height) > maxFaceSize) return false;
  return !roi || containsCentre(roi, box);
}

/** A box found within a region, in pixels of the whole picture; scaled about its centre for the report. */
export function reportedBox(box: Box, region: Box | undefined, boxScale: number): Box {
  const whole = region ? { ...box, left: box.left + region.left, top: box.top + region.top } : box;
  return boxScale === 1 ? whole : expandBox(whole, boxScale);
}
