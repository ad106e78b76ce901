import { describe, expect, it } from 'vitest';
import type { Box } from '../core/types.ts';
import { containment, iou } from '../geometry/boxes.ts';
import type { Candidate } from '../geometry/nms.ts';
import { Pyramid } from '../image/pixels.ts';
import type { Detector, Region } from '../stages/detector.ts';
import type { MeshModel } from '../stages/mesh-model.ts';
import { findFaces, type Finders, type FindRequest } from './find-faces.ts';

/** A face, or something like one, as the fakes see it. */
interface Thing {
  readonly box: Box;
  /** Scores of the detector and of the near detector. */
  readonly far: number;
  readonly near: number;
  /** What the mesh model says of it. */
  readonly presence: number;
  /** Where the mesh model sees it, if not in its box. */
  readonly mesh?: Box;
}

const thing = (left: number, top: number, side: number, rest: Partial<Thing> = {}): Thing => ({
  box: { left, top, width: side, height: side },
  far: 0.95,
  near: 0.9,
  presence: 1,
  ...rest,
});
const WHOLE = { left: 0, top: 0, width: 1000, height: 800 };
const image = new Pyramid({ width: 1000, height: 800, data: new Uint8ClampedArray(4 * 1000 * 800) });
const request: FindRequest = { mode: 'accurate', minScore: 0.5, minFace: 32, area: null, faces: 'all' };

/** Models that see every thing that lies whole in a region and fills enough of it; they note where they looked. */
function fakes(things: readonly Thing[]): {
  models: Finders;
  far: Region[];
  near: Region[];
  meshes: number[];
} {
  const looked = { far: [] as Region[], near: [] as Region[], meshes: [] as number[] };
  const detector = (score: 'far' | 'near', leastShare: number): Detector => ({
    hasPoints: score === 'near',
    size: [320, 240],
    anySize: score === 'far',
    find: async (regions, { minScore }) => {
      looked[score].push(...regions);
      return regions.map(({ box }) =>
        things
          .filter((one) => one[score] >= minScore && containment(one.box, box) > 0.9)
          .filter((one) => one.box.width >= leastShare * Math.min(box.width, box.height))
          .map((one): Candidate => ({ box: one.box, score: one[score], points: eyesOf(one.box) })),
      );
    },
  });
  const mesh: MeshModel = {
    size: 192,
    fit: async (crops) =>
      crops.map(({ toImage: [a, b, c, d, x, y] }) => {
        const centre = { left: x + 96 * (a + c) - 1, top: y + 96 * (b + d) - 1, width: 2, height: 2 };
        const seen = things.find(({ box }) => iou(box, centre) > 0 && containment(centre, box) === 1);
        looked.meshes.push(seen?.presence ?? 0);
        const { left, top, width: side } = seen?.mesh ?? seen?.box ?? WHOLE;
        const points = Float32Array.from([left, top, 0, left + side, top + side, 0]);
        return { points, presence: seen?.presence ?? 0 };
      }),
  };
  return {
    models: { detector: detector('far', 0.01), nearDetector: detector('near', 0.15), mesh },
    ...looked,
  };
}

function eyesOf({ left, top, width }: Box): Candidate['points'] {
  return [0.3, 0.7].map((share) => ({ x: left + share * width, y: top + 0.4 * width }));
}

const boxesOf = async (things: readonly Thing[], wanted: Partial<FindRequest> = {}): Promise<number[]> =>
  (await findFaces(fakes(things).models, image, { ...request, ...wanted })).map(({ box }) => box.left);

describe('findFaces', () => {
  it('finds near and far faces, the largest first', async () => {
    expect(await boxesOf([thing(10, 10, 40), thing(500, 300, 400), thing(200, 100, 120)])).toEqual([
      500, 200, 10,
    ]);
  });

  it('finds what only the near detector knows, if it is large', async () => {
    expect(await boxesOf([thing(200, 100, 600, { far: 0 })])).toEqual([200]);
    expect(await boxesOf([thing(200, 100, 200, { far: 0 })])).toEqual([]);
  });

  it('lets the near detector decide about doubtful proposals, and the mesh about what is then doubtful', async () => {
    expect(await boxesOf([thing(100, 100, 100, { far: 0.4 })])).toEqual([100]);
    expect(await boxesOf([thing(100, 100, 100, { near: 0.03 })])).toEqual([]);
    const doubtful = { far: 0.6, near: 0.65 };
    expect(await boxesOf([thing(100, 100, 100, { ...doubtful, presence: 0 })])).toEqual([]);
    expect(await boxesOf([thing(100, 100, 100, { ...doubtful, presence: 0.9 })])).toEqual([100]);
    const beside = { left: 160, top: 150, width: 100, height: 100 };
    expect(await boxesOf([thing(100, 100, 100, { ...doubtful, presence: 0.9, mesh: beside })])).toEqual([]);
  });

  it('shows sure faces to no mesh', async () => {
    const { models, meshes } = fakes([thing(100, 100, 100, { far: 0.99, near: 0.95 })]);
    await findFaces(models, image, request);
    expect(meshes).toEqual([]);
  });

  it('answers only what reaches minScore, and scores within 0..1', async () => {
    const things = [thing(100, 100, 100), thing(400, 100, 100, { far: 0.7, near: 0.69 })];
    for (const minScore of [0.3, 0.5, 0.8, 0.86]) {
      const found = await findFaces(fakes(things).models, image, { ...request, minScore });
      expect(found.every(({ score }) => score >= minScore && score <= 1)).toBe(true);
      expect(found).toHaveLength(minScore > 0.83 ? 1 : 2);
    }
  });

  it('looks once, small, in fast mode, and not for faces under a tenth of the shorter side', async () => {
    const { models, far, near } = fakes([thing(100, 100, 200)]);
    expect(await findFaces(models, image, { ...request, mode: 'fast' })).toHaveLength(1);
    expect(far).toEqual([]);
    expect(near.map(({ box }) => box)[0]).toEqual(WHOLE);
    expect(near).toHaveLength(1);
    const unsure = fakes([thing(100, 100, 200, { near: 0.75 })]);
    expect(await findFaces(unsure.models, image, { ...request, mode: 'fast' })).toHaveLength(1);
    expect(unsure.near).toHaveLength(2);
    const small = { ...thing(100, 100, 70), near: 0.9 };
    const seesAll = fakes([small]);
    const nearDetector = { ...seesAll.models.nearDetector, find: seesAll.models.detector.find };
    expect(await findFaces({ ...seesAll.models, nearDetector }, image, { ...request, mode: 'fast' })).toEqual(
      [],
    );
  });

  it('looks closely in auto mode only if nothing was found or more than one face is asked for', async () => {
    const auto = { mode: 'auto', faces: 'biggest' } as const;
    const looks = async (things: readonly Thing[], faces: FindRequest['faces']): Promise<number[]> => {
      const { models, far } = fakes(things);
      const found = await findFaces(models, image, { ...request, ...auto, faces });
      return [far.length, found.length];
    };
    const [big, small] = [thing(100, 100, 300), thing(700, 500, 40)];
    expect(await looks([big, small], 'biggest')).toEqual([0, 1]);
    expect((await looks([small], 'biggest'))[0]).toBeGreaterThan(0);
    for (const faces of ['all', 'reject', { boxes: [small.box] }] as const) {
      const [far, found] = await looks([big, small], faces);
      expect([far! > 0, found]).toEqual([true, 2]);
    }
  });
});

describe('area', () => {
  const [inside, across, outside] = [thing(120, 120, 40), thing(170, 130, 60), thing(300, 300, 60)];
  const area = { left: 100, top: 100, width: 100, height: 100 };

  it('gives the faces whose box overlaps it, in pixels of the whole image', async () => {
    for (const mode of ['accurate', 'fast'] as const) {
      expect(await boxesOf([inside, across, outside], { area, mode })).toEqual([170, 120]);
    }
  });

  it('looks nowhere else', async () => {
    const { models, far, near } = fakes([inside, across, outside]);
    await findFaces(models, image, { ...request, area });
    for (const { box } of far) {
      expect(containment(box, { left: 50, top: 50, width: 200, height: 200 })).toBe(1);
    }
    expect(near.every(({ box }) => iou(box, outside.box) < 0.01)).toBe(true);
  });

  it('costs less than the whole image and sees it larger', async () => {
    const scaleOf = async (wanted: Box | null): Promise<number> => {
      const { models, far } = fakes([inside]);
      await findFaces(models, image, { ...request, area: wanted });
      return Math.min(...far.map(({ box }) => box.width));
    };
    expect(await scaleOf(area)).toBeLessThan((await scaleOf(null)) / 3);
  });

  it('may lie outside of the image, or reach beyond it', async () => {
    expect(await boxesOf([inside], { area: { left: 3000, top: 10, width: 50, height: 50 } })).toEqual([]);
    expect(await boxesOf([inside], { area: { left: -500, top: -500, width: 5000, height: 5000 } })).toEqual([
      120,
    ]);
  });
});
