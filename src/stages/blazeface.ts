import type { Candidate } from '../geometry/nms.ts';

/** Short range: 128², faces up to about 2 m away; full range: 192². */
export type BlazeFaceRange = 'short' | 'full';

/** Cells per side and anchors per cell, layer by layer. Source: MediaPipe's face_detection_*.pbtxt, SsdAnchors. */
const LAYERS: Readonly<Record<BlazeFaceRange, readonly (readonly [cells: number, anchors: number])[]>> = {
  short: [
    [16, 2],
    [8, 6],
  ],
  full: [[48, 1]],
};

/** cx, cy, w, h, then x, y of six points. */
const VALUES = 16;
const POINTS = 6;

/** The anchors' centres, n × (x, y) as fractions of the input: 896 for the short range, 2,304 for the full range. */
export function blazeFaceAnchors(range: BlazeFaceRange): Float32Array {
  const centres: number[] = [];
  for (const [cells, anchors] of LAYERS[range]) {
    for (let cell = 0; cell < cells * cells; cell++) {
      const x = ((cell % cells) + 0.5) / cells;
      const y = (Math.floor(cell / cells) + 0.5) / cells;
      for (let i = 0; i < anchors; i++) centres.push(x, y);
    }
  }
  return Float32Array.from(centres);
}

/**
 * Reads BlazeFace's outputs: n × 16 offsets in input pixels from each anchor's centre, and n logits. Boxes and points
 * come in pixels of the input (`inputSize`²); points: image-left eye, image-right eye, nose tip, mouth centre,
 * image-left and image-right ear. Before NMS, in the anchors' order.
 */
export function decodeBlazeFace(
  regressors: Float32Array,
  logits: Float32Array,
  anchors: Float32Array,
  inputSize: number,
  minScore: number,
): Candidate[] {
  const candidates: Candidate[] = [];
  const minLogit = Math.log(minScore / (1 - minScore));
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i]!;
    if (!(logit >= minLogit)) continue;
    const x = anchors[2 * i]! * inputSize;
    const y = anchors[2 * i + 1]! * inputSize;
    const values = regressors.subarray(i * VALUES, (i + 1) * VALUES);
    const width = values[2]!;
    const height = values[3]!;
    candidates.push({
      box: { left: x + values[0]! - width / 2, top: y + values[1]! - height / 2, width, height },
      score: 1 / (1 + Math.exp(-logit)),
      points: Array.from({ length: POINTS }, (_, k) => ({
        x: x + values[4 + 2 * k]!,
        y: y + values[5 + 2 * k]!,
      })),
    });
  }
  return candidates;
}
