import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box } from '../core/types.ts';
import type { Candidate } from '../geometry/nms.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import { Pyramid } from '../image/pyramid.ts';
import { turnQuarters, type QuarterTurn } from '../image/quarter-turns.ts';
import type { Detector } from '../stages/detector.ts';
import type { Embedder } from '../stages/embedder.ts';
import type { MeshModel } from '../stages/mesh-model.ts';
import type { Finders, FindRequest } from './find-faces.ts';
import { findUpright, turnBox } from './rotate.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

const request: FindRequest = { mode: 'accurate', minScore: 0.5, minFace: 32, area: null, faces: 'all' };
const FACE: Box = { left: 60, top: 20, width: 80, height: 80 };
const TURNS = [0, 90, 180, 270] as const;

/** 300 × 200, black but for a red pixel where the face's top is, turned by `rotation`. */
function picture(rotation: QuarterTurn): DecodedImage {
  const data = new Uint8ClampedArray(4 * 300 * 200);
  data[4 * (20 * 300 + 100)] = 255;
  const turned = turnQuarters({ width: 300, height: 200, data }, rotation);
  const { width, height } = turned;
  return { pyramid: new Pyramid(turned, pixelKernel), width, height, scale: 1, orientation: 1 };
}

/** Sees the face where it stands upright, its red pixel at (100, 20), and as a lesser one where it stands on its head. */
function fake(rollDeg = 0, score = 0.95): { models: Finders; searched: Set<Pyramid> } {
  const searched = new Set<Pyramid>();
  const [cos, sin] = [Math.cos((rollDeg * Math.PI) / 180), Math.sin((rollDeg * Math.PI) / 180)];
  const eyes = [-20, 20].map((dx) => ({ x: 100 + dx * cos, y: 60 - dx * sin }));
  const detector: Detector = {
    hasPoints: true,
    size: [192, 192],
    anySize: false,
    find: async (regions) =>
      regions.map(({ image }): Candidate[] => {
        searched.add(image);
        const { width, data } = image.level(0);
        const upright = width === 300 && data[4 * (20 * 300 + 100)] === 255;
        const onHead = rollDeg === 0 && width === 300 && data[4 * (179 * 300 + 199)] === 255;
        if (onHead) return [{ box: turnBox(FACE, 180, 300, 200), score: score - 0.1, points: [] }];
        return upright ? [{ box: FACE, score, points: eyes }] : [];
      }),
  };
  const mesh: MeshModel = {
    size: 192,
    fit: async (crops) => crops.map(() => ({ points: new Float32Array(1404), presence: 1 })),
  };
  const embedder = { entry: { id: 'own' }, size: 112, dimension: 192, embed: async () => [] };
  return {
    models: { detector, nearDetector: detector, mesh, embedder: embedder as unknown as Embedder },
    searched,
  };
}

describe('findUpright', () => {
  it('says which turn stands the face upright, with boxes and size of the turned image', async () => {
    for (const turned of TURNS) {
      const { models } = fake();
      const { rotation, faces, image } = await findUpright(models, picture(turned), request);
      expect(rotation).toBe((360 - turned) % 360);
      expect(faces.map(({ box }) => box)).toEqual([FACE]);
      expect([image.width, image.height]).toEqual([300, 200]);
    }
  });

  it('turns nothing where a face stands upright', async () => {
    const { models, searched } = fake();
    await findUpright(models, picture(0), request);
    expect(searched.size).toBe(1);
  });

  it('keeps what it found where no turn is better, and knows lying faces from upright ones', async () => {
    const lying = fake(85);
    expect(await findUpright(lying.models, picture(0), request)).toMatchObject({
      rotation: 0,
      faces: [{ box: FACE }],
    });
    expect(lying.searched.size).toBe(4);
    expect((await findUpright(fake(-35).models, picture(0), request)).rotation).toBe(0);
  });

  it('asks the other turns where it is not sure, and stays where nothing is better', async () => {
    const { models, searched } = fake(0, 0.8);
    expect(await findUpright(models, picture(0), request)).toMatchObject({
      rotation: 0,
      faces: [{ score: 0.8 }],
    });
    expect(searched.size).toBe(4);
  });

  it('turns the area with the image', async () => {
    const away: Box = { left: 250, top: 150, width: 20, height: 20 };
    for (const turned of TURNS) {
      const [near, far] = [FACE, away].map((box) => turnBox(box, turned, 300, 200));
      const find = (area: Box) => findUpright(fake().models, picture(turned), { ...request, area });
      expect((await find(near!)).faces).toHaveLength(1);
      expect((await find(far!)).faces).toHaveLength(0);
    }
  });
});

describe('turnBox', () => {
  it('is undone by the turn that completes the circle, and stays in the image', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, share, share, fc.constantFrom(...TURNS), (l, t, w, h, rotation) => {
        const box = { left: l * 150, top: t * 100, width: w * 150, height: h * 100 };
        const turned = turnBox(box, rotation, 300, 200);
        const [width, height] = rotation % 180 === 0 ? [300, 200] : [200, 300];
        const back = turnBox(turned, ((360 - rotation) % 360) as QuarterTurn, width, height);
        for (const key of ['left', 'top', 'width', 'height'] as const)
          expect(back[key]).toBeCloseTo(box[key]);
        expect(Math.min(turned.left, turned.top)).toBeGreaterThanOrEqual(-1e-9);
        expect(turned.left + turned.width).toBeLessThanOrEqual(width + 1e-9);
      }),
    );
  });
});
