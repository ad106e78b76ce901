import type { QualityCrop } from './quality-crop.ts';

/** The bright parts of a face, forehead, cheekbones and nose, are at this percentile of it. */
const HIGHLIGHTS = 0.95;
/** sRGB luma of the highlights of a well-lit face: the median over UTKFace photos is 193. */
const WELL_LIT = 193;
/** sRGB luma that the middle of a well-lit face does not exceed, however fair it is: 95 % of UTKFace are below. */
const MIDDLE_LIMIT = 191;
/** Luma from which on a pixel counts as clipped. */
const CLIPPED = 250;
/** Bins per level of luma in the histogram. */
const STEPS = 4;
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
 * between the fifth of 800 UTKFace photos with the darkest skin beside the white of the eyes and the other photos, the medians of
 * the skin differ by 0.5 stops, the highlights by 0.2. Over 1,500 of them, 5 % read below −0.40, half between −0.15 and 0.10, and
 * 5 % above 0.23. It cannot tell a dull light on fair skin from full light on very dark, matte skin.
 */
export function measureBrightness({ luma, inside }: QualityCrop): number {
  const counts = new Uint32Array(256 * STEPS);
  let total = 0;
  for (let i = 0; i < luma.length; i++) {
    if (inside[i] === 0) continue;
    counts[Math.floor(luma[i]! * STEPS)]!++;
    total++;
  }
  if (total === 0) return 0;
  const clipped = counts.subarray(CLIPPED * STEPS).reduce((sum, count) => sum + count, 0);
  const highlights = stops(percentile(counts, HIGHLIGHTS * total), WELL_LIT);
  const middle = Math.max(0, stops(percentile(counts, 0.5 * total), MIDDLE_LIMIT));
  return Math.tanh((highlights + middle + (STOPS_CLIPPED * clipped) / total) / STOPS_SCALE);
}

/** The luma that `rank` pixels are below. */
function percentile(counts: Uint32Array, rank: number): number {
  let below = 0;
  let bin = 0;
  while (bin < counts.length - 1 && below + counts[bin]! <= rank) below += counts[bin++]!;
  return (bin + 0.5) / STEPS;
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
