import { describe, expect, it } from 'vitest';
import { blazeFaceAnchors, decodeBlazeFace } from './blazeface.ts';
import { decodeRfb, rfbPriors } from './rfb.ts';

describe('BlazeFace', () => {
  it('has 896 and 2,304 anchors at cell centres', () => {
    const short = blazeFaceAnchors('short');
    expect(short.length).toBe(2 * 896);
    expect([...short.slice(0, 6)]).toEqual([0.5 / 16, 0.5 / 16, 0.5 / 16, 0.5 / 16, 1.5 / 16, 0.5 / 16]);
    expect([...short.slice(2 * 512, 2 * 512 + 2)]).toEqual([0.5 / 8, 0.5 / 8]);
    expect([...short.slice(-2)]).toEqual([7.5 / 8, 7.5 / 8]);
    const full = blazeFaceAnchors('full');
    expect(full.length).toBe(2 * 2304);
    expect(full[2 * 48]).toBeCloseTo(0.5 / 48, 7);
    expect(full[2 * 48 + 1]).toBeCloseTo(1.5 / 48, 7);
  });

  it('reads box, points and score in pixels of the input', () => {
    const anchors = Float32Array.of(0.25, 0.5, 0.75, 0.75);
    const regressors = new Float32Array(32);
    regressors.set([2, -4, 20, 30, -5, -6, 5, -6, 0, 1, 0, 8, -9, -2, 9, -2], 16);
    const [face, ...rest] = decodeBlazeFace(regressors, Float32Array.of(-1, 2), anchors, 128, 0.5);
    expect(rest).toEqual([]);
    expect(face!.box).toEqual({ left: 96 + 2 - 10, top: 96 - 4 - 15, width: 20, height: 30 });
    expect(face!.score).toBeCloseTo(0.880797, 6);
    expect(face!.points).toEqual([
      { x: 91, y: 90 },
      { x: 101, y: 90 },
      { x: 96, y: 97 },
      { x: 96, y: 104 },
      { x: 87, y: 94 },
      { x: 105, y: 94 },
    ]);
  });

  it('leaves out logits that are not numbers', () => {
    expect(
      decodeBlazeFace(new Float32Array(16), Float32Array.of(NaN), Float32Array.of(0, 0), 128, 0.5),
    ).toEqual([]);
  });
});

describe('RFB', () => {
  // Constants 469 and 475 of fr_detect.onnx (faceplugin-face-recognition-js 0.0.1), which has its priors built in.
  const GOLDEN: readonly (readonly number[])[] = [
    [0, 0.0125, 0.01666667, 0.03125, 0.04166667],
    [1, 0.0125, 0.01666667, 0.05, 0.06666667],
    [3, 0.0375, 0.01666667, 0.03125, 0.04166667],
    [2500, 0.8375, 0.6833333, 0.05, 0.06666667],
    [3600, 0.025, 0.03333334, 0.1, 0.1333333],
    [4199, 0.975, 0.9666666, 0.15, 0.2],
    [4200, 0.05, 0.0625, 0.2, 0.2666667],
    [4363, 0.3, 0.125, 0.4, 0.5333334],
    [4419, 0.9, 0.875, 0.8, 1],
  ];

  it('has the priors of the reference for 320 × 240', () => {
    const priors = rfbPriors(320, 240);
    expect(priors.length).toBe(4 * 4420);
    for (const [row, ...expected] of GOLDEN) {
      expected.forEach((value, i) => expect(priors[4 * row! + i]).toBeCloseTo(value, 6));
    }
  });

  it('has a prior for every cell of other inputs', () => {
    expect(rfbPriors(640, 480).length).toBe(4 * (80 * 60 * 3 + 40 * 30 * 2 + 20 * 15 * 2 + 10 * 8 * 3));
  });

  it('reads decoded corners', () => {
    const scores = Float32Array.of(0.9, 0.1, 0.25, 0.75);
    const boxes = Float32Array.of(0, 0, 1, 1, 0.25, 0.5, 0.5, 1);
    expect(decodeRfb(scores, boxes, 320, 240, 0.5)).toEqual([
      { box: { left: 80, top: 120, width: 80, height: 120 }, score: 0.75, points: [] },
    ]);
  });

  it('decodes offsets from priors by the variances 0.1 and 0.2', () => {
    const priors = Float32Array.of(0.5, 0.5, 0.25, 0.5);
    const offsets = Float32Array.of(1, -2, 5 * Math.log(2), 0);
    const [face] = decodeRfb(Float32Array.of(0, 1), offsets, 100, 100, 0.5, priors);
    expect(face!.box.left).toBeCloseTo(100 * (0.525 - 0.25), 4);
    expect(face!.box.top).toBeCloseTo(100 * (0.4 - 0.25), 4);
    expect(face!.box.width).toBeCloseTo(50, 4);
    expect(face!.box.height).toBeCloseTo(50, 4);
  });
});
