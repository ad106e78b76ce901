import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Box, Face } from '../core/types.ts';
import { iou } from '../geometry/boxes.ts';
import type { Candidate } from '../geometry/nms.ts';
import { applyAffine } from '../geometry/similarity.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import { Pyramid } from '../image/pyramid.ts';
import type { QuarterTurn } from '../image/quarter-turns.ts';
import type { Detector } from '../stages/detector.ts';
import type { Embedder } from '../stages/embedder.ts';
import type { MeshModel } from '../stages/mesh-model.ts';
import { findInAllTurns } from './all-turns.ts';
import type { Finders, FindRequest } from './find-faces.ts';
import { type PlacedFace, tellPlaced } from './placed-face.ts';
import { turnBox, turnImage, turnPoint, undoing } from './rotate.ts';
import { builtPixelKernel } from '../../tools/pixel-kernel.ts';

const pixelKernel = await builtPixelKernel();

const [WIDTH, HEIGHT] = [300, 200];
const TURNS = [0, 90, 180, 270] as const;
const request: FindRequest = { mode: 'accurate', minScore: 0.5, minFace: 32, area: null, faces: 'all' };

/** A face of the picture as it is, and the turn in which it stands upright. */
interface Real {
  readonly box: Box;
  readonly turn: QuarterTurn;
  /** The turns in which detectors see it, beside the upright one and the one on its head. */
  readonly also?: readonly QuarterTurn[];
  /** The turns in which they do not. */
  readonly unseen?: readonly QuarterTurn[];
}

/** Black, but for a red pixel in the corner by which each turn is known. */
function picture(): DecodedImage {
  const data = new Uint8ClampedArray(4 * WIDTH * HEIGHT);
  data[0] = 255;
  const pyramid = new Pyramid({ width: WIDTH, height: HEIGHT, data }, pixelKernel);
  return { pyramid, width: WIDTH, height: HEIGHT, scale: 1, orientation: 1 };
}

function turnOf(image: Pyramid): QuarterTurn {
  const { width, height, data } = image.level(0);
  const corners = [0, width - 1, width * height - 1, width * (height - 1)];
  return TURNS[corners.findIndex((at) => data[4 * at] === 255)]!;
}

/** Sees faces upright, and less surely on their heads, where their box is somewhat off. */
function fake(faces: readonly Real[]): Finders {
  const seen = ({ box, turn, also = [], unseen = [] }: Real, at: QuarterTurn): Candidate[] => {
    const roll = (at - turn + 360) % 360;
    if (unseen.includes(at) || (roll % 180 !== 0 && !also.includes(at))) return [];
    const placed = turnBox(box, at, WIDTH, HEIGHT);
    const off = roll === 0 ? placed : { ...placed, top: placed.top + placed.height / 5 };
    return [{ box: off, score: roll === 0 ? 0.95 : 0.85, points: [] }];
  };
  const detector: Detector = {
    ...{ hasPoints: true, size: [192, 192], anySize: false },
    find: async (regions) => regions.map(({ image }) => faces.flatMap((face) => seen(face, turnOf(image)))),
  };
  const mesh: MeshModel = {
    size: 192,
    fit: async (crops) =>
      crops.map(({ image, toImage }) => {
        const at = turnOf(image);
        const middle = applyAffine(toImage, { x: 96, y: 96 });
        const far = ({ box }: Real): number => {
          const { left, top, width, height } = turnBox(box, at, WIDTH, HEIGHT);
          return Math.hypot(left + width / 2 - middle.x, top + height / 2 - middle.y);
        };
        const [nearest] = faces.toSorted((a, b) => far(a) - far(b));
        const roll = ((at - nearest!.turn) * Math.PI) / 180;
        const points = new Float32Array(1404).map((_, i) => [middle.x, middle.y, 0][i % 3]!);
        for (const [corner, side] of [
          [33, -10],
          [263, 10],
        ] as const) {
          points[3 * corner] = middle.x + side * Math.cos(roll);
          points[3 * corner + 1] = middle.y + side * Math.sin(roll);
        }
        return { points, presence: 1 };
      }),
  };
  const embedder = { entry: { id: 'own' }, size: 112, dimension: 192, embed: async () => [] };
  return { detector, nearDetector: detector, mesh, embedder: embedder as unknown as Embedder };
}

const at = (left: number, top: number, size: number): Box => ({ left, top, width: size, height: size });
const FOUR: readonly Real[] = [
  { box: at(10, 10, 90), turn: 0 },
  { box: at(190, 10, 80), turn: 90 },
  { box: at(20, 120, 70), turn: 180 },
  { box: at(200, 120, 60), turn: 270 },
];
const told = (faces: readonly PlacedFace[]): object[] => faces.map(({ box, turn }) => ({ box, turn }));

describe('findInAllTurns', () => {
  it('finds the faces of each turn once, in the picture as it is, the largest first', async () => {
    const faces = await findInAllTurns(fake(FOUR), picture(), request);
    expect(told(faces)).toEqual(FOUR);
    for (const { image, found, box, turn } of faces) {
      const { width, height } = image.pyramid;
      expect(turnBox(found.box, undoing(turn!), width, height)).toEqual(box);
      expect(turnOf(image.pyramid)).toBe(turn);
    }
  });

  it('goes by how it stands, not by the score that a detector gives it', async () => {
    const [face] = FOUR;
    const models = fake([face!]);
    const { find } = models.detector;
    // On its head it is seen more surely than upright.
    const detector: Detector = {
      ...models.detector,
      find: async (regions, options) =>
        (await find(regions, options)).map((faces) =>
          faces.map((one) => ({ ...one, score: one.score > 0.9 ? 0.6 : 0.99 })),
        ),
    };
    expect(told(await findInAllTurns({ ...models, detector }, picture(), request))).toEqual([face]);
  });

  it('leaves out what does not stand upright in any turn, but of the picture as it is', async () => {
    const asIs: Real = { box: at(10, 10, 90), turn: 90, also: [0], unseen: [90, 270] };
    const turned: Real = { box: at(190, 10, 80), turn: 0, also: [90], unseen: [0, 180] };
    const faces = await findInAllTurns(fake([asIs, turned]), picture(), request);
    expect(faces.map(({ turn }) => turn)).toEqual([0]);
    expect(iou(faces[0]!.box, asIs.box)).toBeGreaterThan(0.5);
  });

  it('asks better odds of what is found in turned copies alone', async () => {
    const scored = (models: Finders, score: number): Finders => ({
      ...models,
      detector: {
        ...models.detector,
        find: async (regions, options) =>
          (await models.detector.find(regions, options)).map((faces) =>
            faces.map((one) => ({ ...one, score: one.score > 0.9 ? score : 0.6 })),
          ),
      },
    });
    const alone: Real = { box: at(190, 10, 80), turn: 90, unseen: [270] };
    const asIsToo: Real = { ...alone, also: [0] };
    for (const [face, score, turns] of [
      [alone, 0.85, [90]],
      [alone, 0.75, []],
      [asIsToo, 0.75, [90]],
    ] as const) {
      const models = fake([face]);
      const near = scored({ ...models, detector: models.nearDetector }, score).detector;
      const found = await findInAllTurns(
        { ...scored(models, score), nearDetector: near },
        picture(),
        request,
      );
      expect(found.map(({ turn }) => turn)).toEqual(turns);
    }
  });

  it('turns the area with the picture', async () => {
    for (const face of FOUR) {
      const faces = await findInAllTurns(fake(FOUR), picture(), { ...request, area: face.box });
      expect(told(faces)).toEqual([face]);
    }
  });
});

describe('tellPlaced', () => {
  const point = fc.record({
    x: fc.double({ min: 0, max: WIDTH, noNaN: true }),
    y: fc.double({ min: 0, max: HEIGHT, noNaN: true }),
  });

  it('puts all positions back where they are in the picture as it is', () => {
    fc.assert(
      fc.property(point, fc.constantFrom(...TURNS), ({ x, y }, turn) => {
        const image = turnImage(picture(), turn);
        const box = at(x, y, 20);
        const inTurned = turnPoint({ x, y }, turn, WIDTH, HEIGHT);
        const angle = { pitch: 1, yaw: 2, roll: 3, centerX: inTurned.x, centerY: inTurned.y };
        const position = turnBox(box, turn, WIDTH, HEIGHT);
        const face: Face = {
          position,
          score: 1,
          angle,
          landmarks: [inTurned],
          mesh: [{ ...inTurned, z: 7 }],
        };
        const placed = { image, found: { box: position, score: 1 }, box, turn };
        const { rotation, ...back } = tellPlaced(face, placed);
        expect(rotation).toBe(turn);
        for (const key of ['left', 'top', 'width', 'height'] as const)
          expect(back.position[key]).toBeCloseTo(box[key]);
        expect(back.angle).toMatchObject({ pitch: 1, yaw: 2, roll: 3 });
        for (const { x: px, y: py } of [
          { x: back.angle!.centerX, y: back.angle!.centerY },
          back.landmarks![0]!,
          back.mesh![0]!,
        ]) {
          expect(px).toBeCloseTo(x);
          expect(py).toBeCloseTo(y);
        }
        expect(back.mesh![0]!.z).toBe(7);
      }),
    );
  });

  it('leaves a face as it is where nothing was turned for it', () => {
    const image = picture();
    const box = at(1, 2, 3);
    const face: Face = { position: box, score: 1 };
    expect(tellPlaced(face, { image, found: { box, score: 1 }, box })).toBe(face);
  });
});
