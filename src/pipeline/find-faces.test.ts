import { describe, expect, it } from 'vitest';
import type { Box } from '../core/types.ts';
import { containment, iou } from '../geometry/boxes.ts';
import type { Candidate } from '../geometry/nms.ts';
import { Pyramid } from '../image/pyramid.ts';
import type { ModelEntry } from '../core/manifest.ts';
import type { Affine } from '../geometry/similarity.ts';
import type { Detector, Region } from '../stages/detector.ts';
import type { Embedder } from '../stages/embedder.ts';
import { faceEvidence } from '../stages/face-evidence.ts';
import type { MeshModel } from '../stages/mesh-model.ts';
import { findFaces, type Finders, type FindRequest } from './find-faces.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

/** A face, or something like one, as the fakes see it. */
interface Thing {
  readonly box: Box;
  /** Scores of the detector and of the near detector. */
  readonly far: number;
  readonly near: number;
  /** Where the near detector sees it, if elsewhere. */
  readonly nearBox?: Box;
  /** What the mesh model says of it. */
  readonly presence: number;
  /** Where the mesh model sees it, if not in its box. */
  readonly mesh?: Box;
  /** Clockwise, in degrees, where it does not stand upright. */
  readonly turnedDeg?: number;
  /** Whether its embedding is not a person's. */
  readonly animal?: boolean;
}

const ENTRY: ModelEntry = {
  ...{ id: 'own', role: 'embedding', format: 'onnx', file: 'own.onnx', outputs: ['embedding'] },
  input: { size: [112, 112], layout: 'nchw', channels: 'rgb', mean: 0, std: 1 },
};
/** The embedding that is most of a person, and its opposite. */
const [MOST_HUMAN, LEAST_HUMAN] = [1, -1].map((sign) => {
  const logitOf = (embedding: Float32Array): number => {
    const p = faceEvidence('mobilefacenet', embedding.length)!(embedding, {
      near: 0.5,
      proposed: 0.5,
      mesh: 0.5,
    });
    return Math.log(p / (1 - p));
  };
  const none = logitOf(new Float32Array(192));
  const weights = Float32Array.from({ length: 192 }, (_, i) => {
    const unit = Float32Array.from({ length: 192 }, (__, k) => Number(k === i));
    return sign * (logitOf(unit) - none);
  });
  return weights.map((weight) => weight / Math.hypot(...weights));
}) as [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];

const thing = (left: number, top: number, side: number, rest: Partial<Thing> = {}): Thing => ({
  box: { left, top, width: side, height: side },
  far: 0.95,
  near: 0.9,
  presence: 1,
  ...rest,
});
const WHOLE = { left: 0, top: 0, width: 1000, height: 800 };
const image = new Pyramid(
  { width: 1000, height: 800, data: new Uint8ClampedArray(4 * 1000 * 800) },
  pixelKernel,
);
const request: FindRequest = { mode: 'accurate', minScore: 0.5, minFace: 32, area: null, faces: 'all' };

/** Models that see every thing that lies whole in a region and fills enough of it; they note where they looked. */
function fakes(
  things: readonly Thing[],
  modelId = 'own',
): {
  models: Finders;
  far: Region[];
  near: Region[];
  meshes: number[];
  embeddings: () => number;
} {
  const looked = { far: [] as Region[], near: [] as Region[], meshes: [] as number[], embeddings: 0 };
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
          .map((one): Candidate => {
            const box = (score === 'near' && one.nearBox) || one.box;
            return { box, score: one[score], points: eyesOf(box) };
          }),
      );
    },
  });
  const seenBy = ([a, b, c, d, x, y]: Affine, size: number): Thing | undefined => {
    const half = size / 2;
    const centre = { left: x + half * (a + c) - 1, top: y + half * (b + d) - 1, width: 2, height: 2 };
    return things.find(({ box }) => containment(centre, box) === 1);
  };
  const mesh: MeshModel = {
    size: 192,
    fit: async (crops) =>
      crops.map(({ toImage }) => {
        const seen = seenBy(toImage, 192);
        const cropDeg = (Math.atan2(toImage[1], toImage[0]) * 180) / Math.PI;
        const off = Math.abs(((cropDeg - (seen?.turnedDeg ?? 0) + 540) % 360) - 180);
        const presence = off < 100 ? (seen?.presence ?? 0) : 0.1 * (seen?.presence ?? 0);
        looked.meshes.push(presence);
        return { points: meshIn(seen?.mesh ?? seen?.box ?? WHOLE, cropDeg), presence };
      }),
  };
  const embedder: Embedder = {
    entry: { ...ENTRY, id: modelId },
    size: 112,
    dimension: 192,
    embed: async (crops) =>
      crops.map(({ toImage }) => {
        looked.embeddings++;
        const vector = seenBy(toImage, 112)?.animal ? LEAST_HUMAN : MOST_HUMAN;
        return { vector, unlimited: vector, length: 60, along: [] };
      }),
  };
  return {
    models: { detector: detector('far', 0.01), nearDetector: detector('near', 0.15), mesh, embedder },
    ...looked,
    embeddings: () => looked.embeddings,
  };
}

/** A mesh that fills a box, its eyes level in a crop turned by `deg` clockwise. */
function meshIn({ left, top, width, height }: Box, deg: number): Float32Array {
  const points = new Float32Array(3 * 468);
  const [x, y] = [left + width / 2, top + height / 2];
  const [cos, sin] = [Math.cos((deg * Math.PI) / 180), Math.sin((deg * Math.PI) / 180)];
  for (let i = 0; i < 468; i++) points.set([x, y, 0], 3 * i);
  points.set([left, top, 0], 3 * 10);
  points.set([left + width, top + height, 0], 3 * 11);
  const put = (index: number, across: number, down: number): void =>
    points.set(
      [x + width * (across * cos - down * sin), y + width * (across * sin + down * cos), 0],
      3 * index,
    );
  put(33, -0.3, -0.1);
  put(133, -0.1, -0.1);
  put(362, 0.1, -0.1);
  put(263, 0.3, -0.1);
  put(1, 0, 0.1);
  put(61, -0.15, 0.3);
  put(291, 0.15, 0.3);
  return points;
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

  it('looks closely in auto mode if more than one face is asked for, or no large one was found', async () => {
    const auto = { mode: 'auto', faces: 'biggest' } as const;
    const looks = async (things: readonly Thing[], faces: FindRequest['faces']): Promise<number[]> => {
      const { models, far } = fakes(things);
      const found = await findFaces(models, image, { ...request, ...auto, faces });
      return [far.length, found.length];
    };
    const [big, small] = [thing(100, 100, 300), thing(700, 500, 40)];
    expect(await looks([big, small], 'biggest')).toEqual([0, 1]);
    expect((await looks([small], 'biggest'))[0]).toBeGreaterThan(0);
    // A look that finds faces of this size passes over some that are larger.
    expect((await looks([thing(100, 100, 150)], 'biggest'))[0]).toBeGreaterThan(0);
    for (const faces of ['all', 'reject', { boxes: [small.box] }] as const) {
      const [far, found] = await looks([big, small], faces);
      expect([far! > 0, found]).toEqual([true, 2]);
    }
  });

  it('leaves out faces that are known and parts of them, and does not take a picture without others to be filled by one', async () => {
    const [known, part, other] = [thing(100, 100, 300), thing(250, 250, 60), thing(700, 500, 80)];
    const { models, near } = fakes([known, part, other]);
    const found = await findFaces(models, image, { ...request, known: [known.box] });
    expect(found.map(({ box }) => box)).toEqual([other.box]);
    const looks = near.length;
    const alone = fakes([known, part]);
    expect(await findFaces(alone.models, image, { ...request, known: [known.box] })).toEqual([]);
    expect(alone.near.length).toBeLessThan(looks);
  });
});

describe('doubtful faces', () => {
  const judged = async (one: Partial<Thing>): Promise<number> =>
    (await findFaces(fakes([thing(100, 100, 100, one)], 'mobilefacenet').models, image, request)).length;

  it('are those of people, not of animals, whatever the detectors and the mesh say', async () => {
    for (const near of [0.7, 0.8]) {
      expect(await judged({ near, far: 0.99 })).toBe(1);
      expect(await judged({ near, far: 0.99, animal: true })).toBe(0);
    }
  });

  it('are not what lies beside a face, such as hair, to which the mesh is drawn', async () => {
    const beside = { left: 160, top: 150, width: 100, height: 100 };
    expect(await judged({ near: 0.6, far: 0.99, mesh: beside })).toBe(0);
  });

  it('are people in masks too, whom the mesh model does not know', async () => {
    expect(await judged({ near: 0.6, far: 0.99, presence: 0.01 })).toBe(1);
  });

  it('have no say beside a sure one, however sure the judgement', async () => {
    const sure = thing(100, 100, 100, { near: 0.9 });
    const nearBox = { left: 130, top: 100, width: 100, height: 100 };
    const doubtful = thing(160, 100, 100, { near: 0.8, nearBox });
    const { models } = fakes([doubtful, sure], 'mobilefacenet');
    const found = await findFaces(models, image, request);
    expect(found.map(({ box, mesh }) => [box.left, mesh])).toEqual([[100, undefined]]);
  });

  it('keep the mesh that they were judged by, and sure ones are not embedded', async () => {
    const { models, embeddings } = fakes(
      [thing(100, 100, 100, { near: 0.7 }), thing(400, 100, 100, { near: 0.95, far: 0.99 })],
      'mobilefacenet',
    );
    const found = await findFaces(models, image, request);
    const judged = found.filter(({ mesh }) => mesh !== undefined).map(({ box }) => box.left);
    expect([found.length, judged]).toEqual([2, [100]]);
    expect(embeddings()).toBe(1);
  });

  it('that stand on their heads are not told as upright ones', async () => {
    for (const modelId of ['own', 'mobilefacenet']) {
      const onHead = thing(100, 100, 100, { near: 0.75, turnedDeg: 180, presence: 0.99999 });
      expect(await findFaces(fakes([onHead], modelId).models, image, request)).toEqual([]);
      const upright = { ...onHead, turnedDeg: 0 };
      expect(await findFaces(fakes([upright], modelId).models, image, request)).toHaveLength(1);
    }
  });
});

describe('noise', () => {
  /** Thousands of weak proposals, all over the image. */
  const noise = Array.from({ length: 5000 }, (_, i) =>
    thing(40 * (i % 24), 40 * (Math.floor(i / 24) % 19), 36, {
      far: 0.13 + i / 1e5,
      near: 0.3,
      animal: true,
    }),
  );

  it('is not looked at without end', async () => {
    const { models, near, embeddings } = fakes(noise, 'mobilefacenet');
    expect(await findFaces(models, image, request)).toEqual([]);
    expect(near.length).toBeLessThan(130);
    expect(embeddings()).toBeLessThan(40);
  });

  it('hides no face that is likelier than it', async () => {
    const { models } = fakes([thing(401, 401, 39, { far: 0.6 }), ...noise], 'mobilefacenet');
    expect((await findFaces(models, image, request)).map(({ box }) => box.left)).toEqual([401]);
  });

  it('smaller than the faces wanted is not looked at', async () => {
    const { models, near } = fakes(noise, 'mobilefacenet');
    await findFaces(models, image, { ...request, minFace: 80 });
    // Only the whole and, as nothing was found, two looks from farther away.
    expect(near.length).toBeLessThanOrEqual(3);
  });

  it('leaves off within a batch once the signal aborts', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 0);
    const { models } = fakes(noise, 'mobilefacenet');
    const { nearDetector } = models;
    const slow: Detector = {
      ...nearDetector,
      find: (regions, options) =>
        new Promise((resolve, reject) => {
          setTimeout(() => {
            if (options.signal?.aborted) reject(new Error('aborted'));
            else resolve(nearDetector.find(regions, options));
          }, 5);
        }),
    };
    await expect(
      findFaces({ ...models, nearDetector: slow }, image, request, controller.signal),
    ).rejects.toThrow('aborted');
  });
});

describe('a face inside another', () => {
  const parts = async (things: readonly Thing[]): Promise<number[]> =>
    (await findFaces(fakes(things).models, image, request)).map(({ box }) => box.width);

  it('is a part of it, such as an eye, unless it is about as large', async () => {
    const [face, eye] = [thing(100, 100, 240, { far: 0.9 }), thing(150, 160, 53, { far: 0.99, near: 0.86 })];
    expect(await parts([face, eye])).toEqual([240]);
    expect(await parts([thing(100, 100, 60), thing(135, 120, 55)])).toEqual([60, 55]);
  });

  it('stays where the larger one is hardly a face', async () => {
    const [large, small] = [
      thing(100, 100, 240, { near: 0.6 }),
      thing(150, 160, 60, { far: 0.99, near: 0.95 }),
    ];
    expect(await parts([{ ...large, presence: 0.4 }, small])).toContain(60);
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
