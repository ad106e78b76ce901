import type { Box, Point } from '../core/types.ts';
import { boxAround, expandBox, iou, squareBox } from '../geometry/boxes.ts';
import type { Candidate } from '../geometry/nms.ts';
import type { Pyramid } from '../image/pixels.ts';
import { cropFromDetection, type FaceMesh } from '../stages/face-mesh.ts';
import type { Models } from './models.ts';

/** A face in pixels of the image it was looked for in. */
export interface FoundFace {
  readonly box: Box;
  /** 0..1. */
  readonly score: number;
  /** The eyes on the image's left and right; absent if no detector with points saw the face. */
  readonly eyes?: readonly [left: Point, right: Point];
}

/** The models that tell faces from what only looks like one. */
type Judges = Pick<Models, 'nearDetector' | 'mesh'>;

/** How far around a proposal the near detector looks: it knows faces that fill about half of its input. */
const CLOSER_ENLARGE = 2;
/** The least that the near detector must see, and how far that must overlap with what was proposed. */
const CLOSER_MIN_SCORE = 0.05;
const CLOSER_MIN_IOU = 0.25;
/**
 * How much a proposal's own score counts beside the near detector's, as a power: the near detector knows rolled and
 * blurred faces that the other is unsure of. This and the numbers below were chosen with `bench:detection`.
 */
const PROPOSAL_WEIGHT = 0.25;
/** Proposals below it are hardly ever faces, and each costs a look. */
const MIN_PROPOSAL = 0.12;
/** Faces below this score are shown to the mesh model too. */
const DOUBTFUL = 0.7;
/** What a doubtful score is multiplied by if the mesh model sees no face at all, and what is added if it surely does. */
const WITHOUT_MESH = 0.75;
const MESH_GAIN = 0.6;

/** The least overlap of a face with the mesh fitted to it: less is the mesh of a face beside it. */
const MESH_MIN_IOU = 0.35;

/** The least score of a proposal that may still become a face of `minScore`. */
export function leastProposal(minScore: number): number {
  return Math.max(MIN_PROPOSAL, (minScore / (WITHOUT_MESH + MESH_GAIN)) ** (1 / PROPOSAL_WEIGHT));
}

/**
 * Looks at each proposal with the near detector, which gives box and eyes, and at what is then still doubtful with the
 * mesh model. They fail on different things, so that a false alarm of one rarely passes the others. Drops what has less
 * than `minScore` after that.
 */
export async function confirmFaces(
  judges: Judges,
  image: Pyramid,
  proposals: readonly Candidate[],
  minScore: number,
  signal: AbortSignal | undefined,
): Promise<FoundFace[]> {
  const seen = await lookCloser(judges, image, proposals, signal);
  const faces = proposals.flatMap(({ score }, i): FoundFace[] => {
    const best = seen[i];
    return best ? [{ ...withEyes(best), score: best.score * score ** PROPOSAL_WEIGHT }] : [];
  });
  return dropDoubtful(judges, image, faces, minScore, signal);
}

/** What the near detector sees where a face was proposed: a box and eyes more exact than those of a wide look. */
async function lookCloser(
  { nearDetector }: Judges,
  image: Pyramid,
  proposals: readonly Candidate[],
  signal: AbortSignal | undefined,
): Promise<(Candidate | undefined)[]> {
  const regions = proposals.map(({ box }) => ({ image, box: expandBox(squareBox(box), CLOSER_ENLARGE) }));
  const seen = await nearDetector.find(regions, { minScore: CLOSER_MIN_SCORE, signal });
  return proposals.map(({ box }, i) => bestAt(seen[i] ?? [], box));
}

/** The candidate that is most of a face, most where it should be. */
function bestAt(candidates: readonly Candidate[], box: Box): Candidate | undefined {
  const square = squareBox(box);
  const worth = (candidate: Candidate): number => candidate.score * iou(candidate.box, square);
  return candidates
    .filter((candidate) => iou(candidate.box, square) >= CLOSER_MIN_IOU)
    .sort((a, b) => worth(b) - worth(a))[0];
}

/** Asks the mesh model about faces of which the detectors are unsure, and drops those under `minScore`. */
async function dropDoubtful(
  { mesh }: Judges,
  image: Pyramid,
  faces: readonly FoundFace[],
  minScore: number,
  signal: AbortSignal | undefined,
): Promise<FoundFace[]> {
  const hopeful = faces.filter(({ score }) => score * (WITHOUT_MESH + MESH_GAIN) >= minScore);
  const doubtful = hopeful.filter(({ score }) => score < DOUBTFUL);
  const crops = doubtful.map(({ box, eyes }) => ({
    image,
    toImage: cropFromDetection(box, eyes, mesh.size),
  }));
  const meshes = await mesh.fit(crops, signal);
  const judged = new Map(doubtful.map((face, i) => [face, weigh(face, meshes[i]!)]));
  return hopeful
    .map((face) => ({ ...face, score: judged.get(face) ?? face.score }))
    .filter(({ score }) => score >= minScore);
}

function weigh({ box, score }: FoundFace, { points, presence }: FaceMesh): number {
  const certainty = iou(boxAround(points, 3), box) >= MESH_MIN_IOU ? presence : 0;
  return Math.min(1, score * (WITHOUT_MESH + MESH_GAIN * certainty));
}

/** A detector's candidate as a face; BlazeFace's first two points are the eyes. */
export function withEyes({ box, score, points }: Candidate): FoundFace {
  const [left, right] = points;
  return left && right ? { box, score, eyes: [left, right] } : { box, score };
}
