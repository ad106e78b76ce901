import { describe, expect, it } from 'vitest';
import { matchFaces } from './measures.ts';
import { HEAD, planScenes, type PlacedFace, type SourceFace } from './scenes.ts';

const source: SourceFace = { photo: 'a.jpg', x: 125, y: 125, side: 100, roll: 2 };
const face = (x: number, y: number, side: number): PlacedFace => ({
  source,
  x,
  y,
  side,
  roll: 0,
  blur: 0,
  whole: true,
});
const answer = (x: number, y: number, side: number, score = 0.9) =>
  ({ box: [x - side / 2, y - side / 2, side, side], score }) as const;

describe('matchFaces', () => {
  it('takes a box around the face, and not one beside it, too small or too large', () => {
    const found = (x: number, y: number, side: number): boolean =>
      matchFaces([face(100, 100, 50)], [answer(x, y, side)]).found[0]!;
    expect([found(100, 100, 50), found(124, 76, 50), found(100, 100, 99), found(100, 100, 26)]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([found(126, 100, 50), found(100, 74, 50), found(100, 100, 101), found(100, 100, 24)]).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('counts a second answer for a face, and whatever is no face, as false', () => {
    const answers = [answer(101, 100, 50, 0.6), answer(100, 100, 50, 0.9), answer(400, 400, 50)];
    const { found, falseAlarms } = matchFaces([face(100, 100, 50), face(200, 100, 50)], answers);
    expect(found).toEqual([true, false]);
    expect(falseAlarms.map(({ score }) => score).toSorted()).toEqual([0.6, 0.9]);
  });
});

describe('planScenes', () => {
  const counts = { mosaic: 6, background: 2, cut: 1, filling: 2, crowd: 1, large: 1, small: 1, class: 1 };

  it('is the same for the same seed, and another for another', () => {
    expect(planScenes([source], counts, 5)).toEqual(planScenes([source], counts, 5));
    expect(planScenes([source], counts, 5)).not.toEqual(planScenes([source], counts, 6));
  });

  it('puts whole heads into mosaics, apart from each other, and none on backgrounds', () => {
    const scenes = planScenes([source], counts, 1);
    expect(scenes).toHaveLength(15);
    for (const { kind, faces, width, height } of scenes) {
      if (kind === 'background') expect(faces).toEqual([]);
      if (kind !== 'mosaic') continue;
      expect(faces.length).toBeGreaterThan(15);
      faces.forEach(({ x, y, side, roll }, i) => {
        const reach = HEAD.up * side;
        expect(Math.min(x, y, width - x, height - y)).toBeGreaterThanOrEqual(reach - 1e-9);
        expect(Math.abs(roll)).toBeLessThanOrEqual(60);
        for (const other of faces.slice(0, i)) {
          expect(Math.hypot(other.x - x, other.y - y)).toBeGreaterThan(0.5 * (side + other.side));
        }
      });
    }
  });
});
