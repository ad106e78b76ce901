import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Point } from '../core/types.ts';
import { readCanonicalFace } from '../geometry/pose.ts';
import { applyAffine, compose, invert, scaleOf, type Affine } from '../geometry/similarity.ts';
import { alignFace, fivePoints, type FivePoints } from './align.ts';
import { decodeAttentionMesh, PUPILS, REFINED_POINTS } from './face-mesh-attention.ts';
import { cropFromDetection, cropFromMesh, decodeFaceMesh, MESH_POINTS, meshRollDeg } from './face-mesh.ts';
import { landmarks106, meshPoints } from './landmarks-106.ts';

/** The canonical face, upright, 10 px per unit, about (200, 300). */
let face: Float32Array;

beforeAll(() => {
  const file = readFileSync(new URL('../../models/canonical-face.json', import.meta.url), 'utf8');
  const { vertices } = readCanonicalFace(JSON.parse(file));
  face = vertices.map((value, i) =>
    i % 3 === 0 ? 200 + 10 * value : i % 3 === 1 ? 300 - 10 * value : -10 * value,
  );
});

function turned(mesh: Float32Array, clockwiseDeg: number, scale = 1): Float32Array {
  const [cos, sin] = [Math.cos((clockwiseDeg * Math.PI) / 180), Math.sin((clockwiseDeg * Math.PI) / 180)];
  const out = new Float32Array(mesh.length);
  for (let i = 0; i < mesh.length; i += 3) {
    out[i] = scale * (cos * mesh[i]! - sin * mesh[i + 1]!);
    out[i + 1] = scale * (sin * mesh[i]! + cos * mesh[i + 1]!);
    out[i + 2] = scale * mesh[i + 2]!;
  }
  return out;
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

describe('crops for the mesh', () => {
  it('is the enlarged square about the box', () => {
    const crop = cropFromDetection({ left: 10, top: 20, width: 40, height: 60 }, undefined, 192);
    expect(scaleOf(crop)).toBeCloseTo(90 / 192, 9);
    const centre = applyAffine(crop, { x: 96, y: 96 });
    expect(distance(centre, { x: 30, y: 50 })).toBeLessThan(1e-9);
    expect(applyAffine(crop, { x: 0, y: 0 })).toEqual({ x: -15, y: 5 });
  });

  it('is turned so that the eyes are level', () => {
    const eyes = [
      { x: 20, y: 60 },
      { x: 50, y: 30 },
    ] as const;
    const crop = cropFromDetection({ left: 10, top: 20, width: 60, height: 60 }, eyes, 192);
    const [left, right] = eyes.map((eye) => applyAffine(invert(crop), eye));
    expect(left!.y).toBeCloseTo(right!.y, 9);
    expect(left!.x).toBeLessThan(right!.x);
  });

  it('from a mesh: level eyes, the face in the middle, the same scale whatever the roll', () => {
    fc.assert(
      fc.property(fc.double({ min: -170, max: 170, noNaN: true }), (degrees) => {
        const mesh = turned(face, degrees);
        const crop = cropFromMesh(mesh, 192);
        expect(scaleOf(crop)).toBeCloseTo(scaleOf(cropFromMesh(face, 192)), 4);
        expect(meshRollDeg(mesh)).toBeCloseTo(-degrees, 2);
        const inCrop = meshPoints(mesh).map((point) => applyAffine(invert(crop), point));
        const sides = [Math.min(...inCrop.map(({ y }) => y)), 192 - Math.max(...inCrop.map(({ y }) => y))];
        expect(sides[0]).toBeCloseTo(32, 1);
        expect(sides[1]).toBeCloseTo(32, 1);
        expect(inCrop[33]!.y).toBeCloseTo(inCrop[263]!.y, 2);
        expect(inCrop[10]!.y).toBeLessThan(inCrop[152]!.y);
      }),
    );
  });
});

describe('decodeFaceMesh', () => {
  it('takes crop pixels to the image, and scales depth', () => {
    const raw = new Float32Array(3 * MESH_POINTS);
    raw.set([96, 48, -10]);
    const crop: Affine = [0, 2, -2, 0, 500, 100];
    const { points, presence } = decodeFaceMesh(raw, Math.log(3), crop);
    expect([...points.slice(0, 3)]).toEqual([500 - 96, 100 + 192, -20]);
    expect(points.length).toBe(3 * MESH_POINTS);
    expect(presence).toBeCloseTo(0.75, 9);
  });
});

describe('alignment', () => {
  it('puts the five points of an aligned face onto the ArcFace template, at any size', () => {
    const template = [
      [38.2946, 51.6963],
      [73.5318, 51.5014],
      [56.0252, 71.7366],
      [41.5493, 92.3655],
      [70.7299, 92.2041],
    ];
    const move: Affine = [1.2, 0.5, -0.5, 1.2, 33, 44];
    const points = template.map(([x, y]) => applyAffine(move, { x: x!, y: y! })) as unknown as FivePoints;
    for (const size of [112, 224]) {
      template.forEach(([x, y], i) => {
        const image = applyAffine(alignFace(points, size), { x: (x! * size) / 112, y: (y! * size) / 112 });
        expect(distance(image, points[i]!)).toBeLessThan(1e-6);
      });
    }
  });

  it('takes the points of a mesh in the template order, left and right of the image', () => {
    const [leftEye, rightEye, nose, mouthLeft, mouthRight] = fivePoints(face);
    expect(leftEye.x).toBeLessThan(nose.x);
    expect(rightEye.x).toBeGreaterThan(nose.x);
    expect(mouthLeft.x).toBeLessThan(nose.x);
    expect(mouthRight.x).toBeGreaterThan(nose.x);
    expect(leftEye.y).toBeLessThan(nose.y);
    expect(mouthLeft.y).toBeGreaterThan(nose.y);
    const crop = compose(invert(alignFace(fivePoints(face))), [1, 0, 0, 1, 0, 0]);
    expect(applyAffine(crop, leftEye).x).toBeCloseTo(38.3, -1);
  });
});

describe('landmarks106', () => {
  const near = (x: number, y: number): Point => ({ x: 200 + 10 * x, y: 300 - 10 * y });

  it('is symmetric in the order of the contract', () => {
    const points = landmarks106(face);
    expect(points).toHaveLength(106);
    // prettier-ignore
    const pairs = [
      ...Array.from({ length: 17 }, (_, i) => [i, 32 - i] as const),
      [33, 42], [34, 41], [35, 40], [36, 39], [37, 38], [64, 71], [65, 70], [66, 69], [67, 68],
      [43, 43], [44, 44], [45, 45], [46, 46], [47, 51], [48, 50], [49, 49], [78, 79], [80, 81], [82, 83],
      [52, 61], [53, 60], [72, 75], [54, 59], [55, 58], [56, 63], [73, 76], [57, 62], [74, 77],
      [84, 90], [85, 89], [86, 88], [87, 87], [95, 91], [94, 92], [93, 93],
      [96, 100], [97, 99], [98, 98], [103, 101], [102, 102], [104, 105],
    ] as const;
    expect(new Set(pairs.flat()).size).toBe(106);
    for (const [left, right] of pairs) {
      expect([left, points[left]!.x + points[right]!.x]).toEqual([left, expect.closeTo(400, 0)]);
      expect([left, points[left]!.y]).toEqual([left, expect.closeTo(points[right]!.y, 0)]);
    }
  });

  it('puts each part where it belongs', () => {
    const points = landmarks106(face);
    const above = (...order: number[]): void =>
      order
        .slice(1)
        .forEach((index, i) =>
          expect([index, points[index]!.y > points[order[i]!]!.y]).toEqual([index, true]),
        );
    above(35, 65, 72, 74, 73, 46, 49, 87, 98, 102, 93, 16);
    above(43, 44, 45, 46, 49);
    above(...Array.from({ length: 17 }, (_, i) => i));
    const rightwards = (...order: number[]): void =>
      order
        .slice(1)
        .forEach((index, i) =>
          expect([index, points[index]!.x > points[order[i]!]!.x]).toEqual([index, true]),
        );
    rightwards(33, 34, 35, 36, 37, 38, 39, 40, 41, 42);
    rightwards(64, 65, 66, 67, 68, 69, 70, 71);
    rightwards(52, 53, 72, 54, 55, 58, 59, 75, 60, 61);
    rightwards(57, 73, 56, 63, 76, 62);
    rightwards(82, 47, 48, 49, 50, 51, 83);
    rightwards(84, 85, 86, 87, 88, 89, 90);
    rightwards(95, 94, 93, 92, 91);
    rightwards(96, 97, 98, 99, 100);
    rightwards(103, 102, 101);
    expect(distance(points[46]!, near(0, -0.46))).toBeLessThan(0.1);
    expect(points[74]!.x).toBeCloseTo((points[52]!.x + points[55]!.x) / 2, -0.5);
    expect(points[74]!.y).toBeCloseTo((points[72]!.y + points[73]!.y) / 2, 0);
  });

  it('spaces the contour evenly on both sides of the chin, also when the head turns', () => {
    const yaw = (40 * Math.PI) / 180;
    const mesh = face.slice();
    for (let i = 0; i < mesh.length; i += 3) {
      mesh[i] = 200 + Math.cos(yaw) * (face[i]! - 200) + Math.sin(yaw) * face[i + 2]!;
      mesh[i + 2] = Math.cos(yaw) * face[i + 2]! - Math.sin(yaw) * (face[i]! - 200);
    }
    const points = landmarks106(face);
    const steps = Array.from({ length: 32 }, (_, i) => distance(points[i]!, points[i + 1]!));
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.1);
    const chin = landmarks106(mesh)[16]!;
    expect(distance(chin, { x: mesh[3 * 152]!, y: mesh[3 * 152 + 1]! })).toBeLessThan(1e-3);
    landmarks106(mesh).forEach(({ y }, i) => expect(y).toBeCloseTo(points[i]!.y, 2));
  });

  it('takes the pupils from the irises of a refined mesh', () => {
    const refined = new Float32Array(3 * REFINED_POINTS);
    refined.set(face);
    refined.set([1, 2, 0], 3 * 468);
    refined.set([3, 4, 0], 3 * 473);
    const pupils = [
      { x: 1, y: 2 },
      { x: 3, y: 4 },
    ];
    expect(landmarks106(refined).slice(104)).toEqual(pupils);
    expect(landmarks106(refined).slice(0, 104)).toEqual(landmarks106(face).slice(0, 104));
    expect(landmarks106(face).slice(104)).toEqual([landmarks106(face)[74], landmarks106(face)[77]]);
  });
});

describe('decodeAttentionMesh', () => {
  const pairs = (count: number, from: number): Float32Array =>
    Float32Array.from({ length: 2 * count }, (_, i) => from + i);
  const crop: Affine = [2, 0, 0, 2, 10, 20];
  const outputs = {
    points: Float32Array.from({ length: 3 * MESH_POINTS }, (_, i) => -i),
    lips: pairs(80, 1000),
    leftEye: pairs(71, 2000),
    rightEye: pairs(71, 3000),
    leftIris: pairs(5, 4000),
    rightIris: pairs(5, 5000),
    presence: Float32Array.of(0),
  };
  const { points, presence } = decodeAttentionMesh(outputs, crop);
  const at = (point: number): number[] => [...points.slice(3 * point, 3 * point + 3)];

  it('takes x and y of each part from it, and z from the mesh', () => {
    // Corners of the mouth are the first and the eleventh of the lips; 33 and 133 the first and ninth of the left eye.
    expect(at(61)).toEqual([2 * 1000 + 10, 2 * 1001 + 20, 2 * -(3 * 61 + 2)]);
    expect(at(291)).toEqual([2 * 1020 + 10, 2 * 1021 + 20, 2 * -(3 * 291 + 2)]);
    expect(at(33)).toEqual([2 * 2000 + 10, 2 * 2001 + 20, 2 * -(3 * 33 + 2)]);
    expect(at(133)).toEqual([2 * 2016 + 10, 2 * 2017 + 20, 2 * -(3 * 133 + 2)]);
    expect(at(263)).toEqual([2 * 3000 + 10, 2 * 3001 + 20, 2 * -(3 * 263 + 2)]);
    expect(at(1)).toEqual([2 * -3 + 10, 2 * -4 + 20, 2 * -5]);
    expect(presence).toBe(0.5);
  });

  it('adds the irises at the mean depth of the lids', () => {
    const lids = [33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173];
    const depth = lids.reduce((sum, point) => sum - (3 * point + 2), 0) / lids.length;
    expect(points.length).toBe(3 * REFINED_POINTS);
    expect(at(PUPILS[0])[0]).toBe(2 * 4000 + 10);
    expect(at(PUPILS[0])[2]).toBeCloseTo(2 * depth, 2);
    expect(at(477).slice(0, 2)).toEqual([2 * 5008 + 10, 2 * 5009 + 20]);
  });

  it('refines every point of lips, eyes and brows once', () => {
    const refined = [...Array(MESH_POINTS).keys()].filter((point) => at(point)[0]! > 500);
    expect(refined.length).toBe(80 + 71 + 71);
  });
});
