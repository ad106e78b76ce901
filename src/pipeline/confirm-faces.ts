import type { Box } from '../core/types.ts';
import { expandBox, iou, squareBox } from '../geometry/boxes.ts';
import type { Candidate } from '../geometry/nms.ts';
import type { Pyramid } from '../image/pyramid.ts';
import { eyesRollDeg, type FoundFace } from './found-face.ts';
import { judgeFaces, type DoubtfulFace, type Judges } from './judge-faces.ts';

/** What {@link confirmFaces} keeps; lengths in pixels of the image. */
export interface ConfirmOptions {
  readonly minScore: number;
  readonly minFace: number;
  readonly signal?: AbortSignal | undefined;
}

/** How far around a proposal the near detector looks: it knows faces that fill about half of its input. */
export const CLOSER_ENLARGE = 2;
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
const GROUP = 32;
/** After this many proposals in a row that were no faces, those left, all of them weaker, are let go. */
const MAX_IN_VAIN = 96;
/** The most proposals looked at in one image. */
const MAX_LOOKS = 2048;
/** Less than this is let go without another look. */
const MIN_HOPE = 0.25;
/** Boxes that overlap by more than this are one face's. */
export const SAME_FACE_IOU = 0.4;
/** Faces below this score, and those rolled by more than this, in degrees, are judged. */
const DOUBTFUL = 0.82;
const DOUBTFUL_ROLL_DEG = 75;
/** What is judged less likely than this to be a face is none, whatever is asked for: else noise would be full of faces. */
const LEAST_JUDGED = 0.02;
/** If none of this many doubtful faces of a group, the best ones, is a face, the others are let go. */
const JUDGED_FIRST = 8;

/**
 * Looks at each proposal with the near detector, which gives box and eyes, and has judged what is then still doubtful.
 * They fail on different things, so that a false alarm of one rarely passes the others. Drops what has less than `minScore` or
 * is smaller than `minFace` after that.
 *
 * `proposals` come by falling score. Where there are no faces, however many are proposed, about {@link MAX_IN_VAIN} are looked
 * at (2 ms each), and {@link JUDGED_FIRST} of each group judged (30 ms each). The worst case is a picture in which faces keep turning up, with
 * {@link MAX_LOOKS} looks.
 */
export async function confirmFaces(
  judges: Judges,
  image: Pyramid,
  proposals: readonly Candidate[],
  { minScore, minFace, signal }: ConfirmOptions,
): Promise<FoundFace[]> {
  const large = proposals
    .filter(({ box }) => Math.max(box.width, box.height) * MAX_GROWTH >= minFace)
    .slice(0, MAX_LOOKS);
  const faces: FoundFace[] = [];
  for (let start = 0, inVain = 0; start < large.length && inVain < MAX_IN_VAIN; start += GROUP) {
    const seen = await lookCloser(judges, image, large.slice(start, start + GROUP), signal);
    const hopeful = seen.filter(({ found: { box } }) => Math.min(box.width, box.height) >= minFace);
    const sure = hopeful.filter(({ found }) => !isDoubtful(found)).map(({ found }) => found);
    const kept = sure.filter(({ score }) => score >= minScore);
    const known = [...faces, ...kept].filter((face) => !face.mesh);
    const doubtful = hopeful.filter(({ found }) => isDoubtful(found) && !isAmong(known, found));
    const ordered = doubtful.toSorted((a, b) => b.found.score - a.found.score);
    for (const some of [ordered.slice(0, JUDGED_FIRST), ordered.slice(JUDGED_FIRST)]) {
      for (const face of await judgeFaces(judges, image, some, signal))
        if (face && face.score >= Math.max(minScore, LEAST_JUDGED)) kept.push(face);
      if (kept.length === 0) break;
    }
    faces.push(...kept);
    inVain = kept.length > 0 ? 0 : inVain + GROUP;
  }
  return faces;
}

function isAmong(faces: readonly FoundFace[], { box }: FoundFace): boolean {
  return faces.some((face) => iou(face.box, box) > SAME_FACE_IOU);
}

function isDoubtful(face: FoundFace): boolean {
  return face.score < DOUBTFUL || isLying(face);
}

/** Whether a face lies on its side or stands on its head, by its eyes, or has none that tell. */
export function isLying({ eyes }: FoundFace): boolean {
  return !eyes || Math.abs(eyesRollDeg(eyes)) > DOUBTFUL_ROLL_DEG;
}

/** What the near detector sees where faces were proposed, if there is hope: boxes and eyes more exact than those of a wide look. */
async function lookCloser(
  { nearDetector }: Judges,
  image: Pyramid,
  proposals: readonly Candidate[],
  signal: AbortSignal | undefined,
): Promise<DoubtfulFace[]> {
  const regions = proposals.map(({ box }) => ({ image, box: expandBox(squareBox(box), CLOSER_ENLARGE) }));
  const seen = await nearDetector.find(regions, { minScore: CLOSER_MIN_SCORE, signal });
  return proposals.flatMap(({ box, score }, i): DoubtfulFace[] => {
    const best = bestAt(seen[i] ?? [], box);
    const weighed = best ? best.score * score ** PROPOSAL_WEIGHT : 0;
    return best && weighed >= MIN_HOPE
      ? [{ found: { ...withEyes(best), score: weighed }, near: best.score, proposed: score }]
      : [];
  });
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
