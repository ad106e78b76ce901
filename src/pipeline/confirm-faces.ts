import { throwIfAborted } from '../core/errors.ts';
import type { Box, Point } from '../core/types.ts';
import { expandBox, iou, squareBox } from '../geometry/boxes.ts';
import type { Candidate } from '../geometry/nms.ts';
import type { Pyramid } from '../image/pixels.ts';
import type { FaceMesh } from '../stages/face-mesh.ts';
import { judgeFaces, type DoubtfulFace, type Judges } from './judge-faces.ts';

/** A face in pixels of the image it was looked for in. */
export interface FoundFace {
  readonly box: Box;
  /** 0..1. */
  readonly score: number;
  /** The eyes on the image's left and right; absent if no detector with points saw the face. */
  readonly eyes?: readonly [left: Point, right: Point];
  /** Fitted twice, where the face had to be looked at that closely to be believed. */
  readonly mesh?: FaceMesh;
}

/** What {@link confirmFaces} keeps; lengths in pixels of the image. */
export interface ConfirmOptions {
  readonly minScore: number;
  readonly minFace: number;
  readonly signal?: AbortSignal | undefined;
}

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
export const MIN_PROPOSAL = 0.12;
/** A face's box may be this much larger than what was proposed. */
const MAX_GROWTH = 1.5;
/** Proposals are looked at in groups of this many, the best first. */
const LOOKS_AT_ONCE = 32;
/** After this many looks in vain one after the other, the proposals left, all of them weaker, are let go. */
const MAX_VAIN_LOOKS = 96;
/** The most looks at one image. */
const MAX_LOOKS = 2048;
/** Less than this is let go without another look. */
const MIN_HOPE = 0.25;
/** Faces below this score, and those rolled by more than this, in degrees, are judged. */
const DOUBTFUL = 0.82;
const DOUBTFUL_ROLL_DEG = 75;
/** Faces are judged in groups of this many, the best first. */
const JUDGED_AT_ONCE = 16;
/** After this many were judged to be none, one after the other, those left are let go. */
const MAX_VAIN_JUDGED = 24;
/** The most faces judged in one image. */
const MAX_JUDGED = 256;

/**
 * Looks at each proposal with the near detector, which gives box and eyes, and has judged what is then still doubtful.
 * They fail on different things, so that a false alarm of one rarely passes the others. Drops what has less than `minScore` or
 * is smaller than `minFace` after that.
 *
 * `proposals` come by falling score. Where there are no faces, however many are proposed, about {@link MAX_VAIN_LOOKS} are looked
 * at (2 ms each) and about {@link MAX_VAIN_JUDGED} judged (30 ms each). The worst case is a picture in which faces keep turning
 * up: {@link MAX_LOOKS} looks, of which {@link MAX_JUDGED} are judged.
 */
export async function confirmFaces(
  judges: Judges,
  image: Pyramid,
  proposals: readonly Candidate[],
  { minScore, minFace, signal }: ConfirmOptions,
): Promise<FoundFace[]> {
  const large = proposals.filter(({ box }) => Math.max(box.width, box.height) * MAX_GROWTH >= minFace);
  const hopeful = (await lookCloser(judges, image, large, signal)).filter(
    ({ found: { box } }) => Math.min(box.width, box.height) >= minFace,
  );
  const doubtful = hopeful.filter(({ found }) => isDoubtful(found));
  const sure = hopeful.filter(({ found }) => !isDoubtful(found)).map(({ found }) => found);
  const judged = await judgeBestFirst(judges, image, doubtful, minScore, signal);
  return [...sure.filter(({ score }) => score >= minScore), ...judged];
}

async function judgeBestFirst(
  judges: Judges,
  image: Pyramid,
  doubtful: readonly DoubtfulFace[],
  minScore: number,
  signal: AbortSignal | undefined,
): Promise<FoundFace[]> {
  const faces: FoundFace[] = [];
  const ordered = doubtful.toSorted((a, b) => b.found.score - a.found.score).slice(0, MAX_JUDGED);
  let inVain = 0;
  for (let start = 0; start < ordered.length && inVain < MAX_VAIN_JUDGED; start += JUDGED_AT_ONCE) {
    const judged = await judgeFaces(judges, image, ordered.slice(start, start + JUDGED_AT_ONCE), signal);
    for (const face of judged) {
      const isFace = face !== undefined && face.score >= minScore;
      if (isFace) faces.push(face);
      inVain = isFace ? 0 : inVain + 1;
    }
  }
  return faces;
}

function isDoubtful({ score, eyes }: FoundFace): boolean {
  if (score < DOUBTFUL || !eyes) return true;
  const [left, right] = eyes;
  const roll = (Math.atan2(right.y - left.y, right.x - left.x) * 180) / Math.PI;
  return Math.abs(roll) > DOUBTFUL_ROLL_DEG;
}

/** What the near detector sees where faces were proposed: boxes and eyes more exact than those of a wide look. */
async function lookCloser(
  { nearDetector }: Judges,
  image: Pyramid,
  proposals: readonly Candidate[],
  signal: AbortSignal | undefined,
): Promise<DoubtfulFace[]> {
  const hopeful: DoubtfulFace[] = [];
  let inVain = 0;
  const end = Math.min(proposals.length, MAX_LOOKS);
  for (let start = 0; start < end && inVain < MAX_VAIN_LOOKS; start += LOOKS_AT_ONCE) {
    throwIfAborted(signal);
    const some = proposals.slice(start, Math.min(end, start + LOOKS_AT_ONCE));
    const regions = some.map(({ box }) => ({ image, box: expandBox(squareBox(box), CLOSER_ENLARGE) }));
    const seen = await nearDetector.find(regions, { minScore: CLOSER_MIN_SCORE, signal });
    for (const [i, { box, score }] of some.entries()) {
      const best = bestAt(seen[i] ?? [], box);
      const weighed = best ? best.score * score ** PROPOSAL_WEIGHT : 0;
      const hope = best && weighed >= MIN_HOPE;
      if (hope) hopeful.push({ found: { ...withEyes(best), score: weighed }, near: best.score });
      inVain = hope ? 0 : inVain + 1;
    }
  }
  return hopeful;
}

/** The candidate that is most of a face, most where it should be. */
function bestAt(candidates: readonly Candidate[], box: Box): Candidate | undefined {
  const square = squareBox(box);
  const worth = (candidate: Candidate): number => candidate.score * iou(candidate.box, square);
  return candidates
    .filter((candidate) => iou(candidate.box, square) >= CLOSER_MIN_IOU)
    .sort((a, b) => worth(b) - worth(a))[0];
}

/** A detector's candidate as a face; BlazeFace's first two points are the eyes. */
export function withEyes({ box, score, points }: Candidate): FoundFace {
  const [left, right] = points;
  return left && right ? { box, score, eyes: [left, right] } : { box, score };
}
