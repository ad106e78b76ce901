import type { Candidate } from '../geometry/nms.ts';

/** Sides of the prior boxes in pixels, per stride. Source: Linzaer, Ultra-Light-Fast-Generic-Face-Detector-1MB. */
const LAYERS: readonly (readonly [stride: number, sides: readonly number[]])[] = [
  [8, [10, 16, 24]],
  [16, [32, 48]],
  [32, [64, 96]],
  [64, [128, 192, 256]],
];
const CENTRE_VARIANCE = 0.1;
const SIZE_VARIANCE = 0.2;

/**
 * The priors for an input of `width` × `height`: n × (cx, cy, w, h) as fractions of the input, 4,420 for 320 × 240.
 * The network halves with rounding up, so that a stride that does not divide the side gives one cell more.
 */
export function rfbPriors(width: number, height: number): Float32Array {
  const priors: number[] = [];
  for (const [stride, sides] of LAYERS) {
    const columns = Math.ceil(width / stride);
    const rows = Math.ceil(height / stride);
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const cx = (column + 0.5) / columns;
        const cy = (row + 0.5) / rows;
        for (const side of sides) priors.push(cx, cy, Math.min(1, side / width), Math.min(1, side / height));
      }
    }
  }
  return Float32Array.from(priors);
}

/**
 * Reads RFB-320's outputs: n × (background, face) scores 0..1 and n × 4 boxes. Without `priors` the boxes are corners
 * (x1, y1, x2, y2) as fractions of the input; with them they are the SSD offsets from the priors. Candidates come in
 * pixels of the input, without points, before NMS, in the priors' order.
 */
export function decodeRfb(
  scores: Float32Array,
  boxes: Float32Array,
  width: number,
  height: number,
  minScore: number,
  priors?: Float32Array,
): Candidate[] {
  const candidates: Candidate[] = [];
  const count = scores.length / 2;
  for (let i = 0; i < count; i++) {
    const score = scores[2 * i + 1]!;
    if (!(score >= minScore)) continue;
    const [x1, y1, x2, y2] = priors ? fromOffsets(boxes, priors, 4 * i) : corners(boxes, 4 * i);
    candidates.push({
      box: { left: x1 * width, top: y1 * height, width: (x2 - x1) * width, height: (y2 - y1) * height },
      score,
      points: [],
    });
  }
  return candidates;
}

type Corners = readonly [x1: number, y1: number, x2: number, y2: number];

function corners(boxes: Float32Array, at: number): Corners {
  return [boxes[at]!, boxes[at + 1]!, boxes[at + 2]!, boxes[at + 3]!];
}

function fromOffsets(offsets: Float32Array, priors: Float32Array, at: number): Corners {
  const [px, py, pw, ph] = corners(priors, at);
  const [dx, dy, dw, dh] = corners(offsets, at);
  const cx = px + dx * CENTRE_VARIANCE * pw;
  const cy = py + dy * CENTRE_VARIANCE * ph;
  const w = pw * Math.exp(dw * SIZE_VARIANCE);
  const h = ph * Math.exp(dh * SIZE_VARIANCE);
  return [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2];
}
