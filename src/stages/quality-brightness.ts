import type { QualityCrop } from './quality-crop.ts';

/** The bright parts of a face, forehead, cheekbones and nose, are at this percentile of it. */
const HIGHLIGHTS = 0.95;
/** sRGB luma of the highlights of a well-lit face: the median over UTKFace photos is 193. */
const WELL_LIT = 193;
/** sRGB luma that the middle of a well-lit face does not exceed, however fair it is: 95 % of UTKFace are below. */
const MIDDLE_LIMIT = 191;
/** Luma from which on a pixel counts as clipped. */
const CLIPPED = 250;
/** Stops that a wholly clipped face adds. */
const STOPS_CLIPPED = 3;
/** A face that is 1.5 stops too dark reads −0.5. */
const STOPS_SCALE = 1.5 / Math.atanh(0.5);

/**
 * Exposure of the face, −1 (black) .. 0 (well lit) .. 1 (white): `tanh` of the exposure error in photographic stops. The error
 * is read off the face's highlights, its 95th percentile of luma, in linear light. Beyond what a pixel can hold, the share of
 * clipped pixels and a middle brighter than any skin add to it.
 *
 * Highlights, because skin of any colour has them when light falls on it, while the middle of the face is darker in dark skin:
 * over faces grouped by how dark their skin is beside the white of their eyes, the median's means lie 1.1 stops apart, those
 * of the highlights 0.2. It cannot tell a dull light on fair skin from full light on very dark matte skin.
 */
export function measureBrightness({ luma, inside }: QualityCrop): number {
  const values = luma.filter((_, i) => inside[i] === 1).sort();
  if (values.length === 0) return 0;
  const at = (share: number): number =>
    values[Math.min(values.length - 1, Math.floor(share * values.length))]!;
  const clipped = values.length - firstAbove(values, CLIPPED);
  const highlights = stops(at(HIGHLIGHTS), WELL_LIT);
  const middle = Math.max(0, stops(at(0.5), MIDDLE_LIMIT));
  return Math.tanh((highlights + middle + (STOPS_CLIPPED * clipped) / values.length) / STOPS_SCALE);
}

/** Index of the first of sorted values that reaches `limit`. */
function firstAbove(sorted: Float32Array, limit: number): number {
  const index = sorted.findIndex((value) => value >= limit);
  return index < 0 ? sorted.length : index;
}

/** How much more light `luma` stands for than `reference`, in powers of two. */
function stops(luma: number, reference: number): number {
  return Math.log2(Math.max(linear(luma), 1e-4) / linear(reference));
}

/** The light that an sRGB value 0..255 stands for, 0..1. Source: IEC 61966-2-1. */
function linear(value: number): number {
  const v = value / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}
