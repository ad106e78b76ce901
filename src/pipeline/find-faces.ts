import type { Box, FacesRule, Point } from '../core/types.ts';
import { area, clampBox, containment, expandBox, iou, squareBox } from '../geometry/boxes.ts';
import { greedyNms, type Candidate } from '../geometry/nms.ts';
import type { Pyramid } from '../image/pixels.ts';
import type { Detector } from '../stages/detector.ts';
import type { Models } from './models.ts';
import { planPasses, type Pass } from './passes.ts';

/** A face in pixels of the image it was looked for in. */
export interface FoundFace {
  readonly box: Box;
  /** 0..1. */
  readonly score: number;
  /** The eyes on the image's left and right; absent if no detector with points saw the face. */
  readonly eyes?: readonly [left: Point, right: Point];
}

/** What to look for; lengths in pixels of the image. */
export interface FindRequest {
  readonly mode: 'fast' | 'accurate' | 'auto';
  readonly minScore: number;
  readonly minFace: number;
  readonly faces: FacesRule | { readonly boxes: readonly Box[] };
}

/** Overlap from which boxes of two passes are the same face. */
const MAX_IOU = 0.4;
/** A box that lies in a better one by this share is a part of the same face, cut by a tile. */
const MAX_CONTAINMENT = 0.8;
/** How far around a proposal the near detector looks: it knows faces that fill about half of its input. */
const CLOSER_ENLARGE = 2;
/** The least that the near detector must see, and how far that must overlap with what was proposed. */
const CLOSER_MIN_SCORE = 0.05;
const CLOSER_MIN_IOU = 0.25;
/**
 * How much a proposal's own score counts beside the near detector's, as a power. The near detector knows rolled and
 * blurred faces that the other is unsure of; measured with `bench:detection`.
 */
const PROPOSAL_WEIGHT = 0.25;
/** Proposals below it are hardly ever faces; each costs a look. */
const MIN_PROPOSAL = 0.12;

/** The faces of an image, by falling visible area. */
export async function findFaces(
  models: Models,
  image: Pyramid,
  request: FindRequest,
  signal?: AbortSignal,
): Promise<FoundFace[]> {
  if (request.mode !== 'accurate') {
    const near = await findNear(models, image, request, signal);
    const enough = request.faces === 'biggest' && near.length > 0;
    if (request.mode === 'fast' || enough) return byVisibleArea(near, image);
  }
  return byVisibleArea(await findAll(models, image, request, signal), image);
}

/** Area of the part of a box that lies in the image. */
export function visibleArea(box: Box, image: { readonly width: number; readonly height: number }): number {
  return area(clampBox(box, image.width, image.height));
}

async function findNear(
  { nearDetector }: Models,
  image: Pyramid,
  { minScore }: FindRequest,
  signal: AbortSignal | undefined,
): Promise<FoundFace[]> {
  const [found = []] = await nearDetector.find([{ image, box: wholeOf(image) }], { minScore, signal });
  const seen = await lookCloser(nearDetector, image, found, signal);
  return found.map((candidate, i) => ({ ...withEyes(seen[i] ?? candidate), score: candidate.score }));
}

/** What the near detector sees where a face was proposed: a box and eyes more exact than those of a wide look. */
async function lookCloser(
  nearDetector: Detector,
  image: Pyramid,
  proposals: readonly Candidate[],
  signal: AbortSignal | undefined,
): Promise<(Candidate | undefined)[]> {
  const regions = proposals.map(({ box }) => ({ image, box: expandBox(squareBox(box), CLOSER_ENLARGE) }));
  const seen = await nearDetector.find(regions, { minScore: CLOSER_MIN_SCORE, signal });
  return proposals.map(({ box }, i) => bestAt(seen[i] ?? [], box));
}

async function findAll(
  models: Models,
  image: Pyramid,
  { minScore, minFace }: FindRequest,
  signal: AbortSignal | undefined,
): Promise<FoundFace[]> {
  const { detector } = models;
  const passes = planPasses({ width: image.width, height: image.height, minFace, ...detector });
  const proposals: Candidate[] = [];
  const least = detector.hasPoints ? minScore : Math.max(MIN_PROPOSAL, minScore ** (1 / PROPOSAL_WEIGHT));
  for (const pass of passes) proposals.push(...(await runPass(models, image, pass, least, signal)));
  const distinct = dropParts(greedyNms(proposals, MAX_IOU));
  if (detector.hasPoints) return distinct.map(withEyes);
  const confirmed = await confirm(models, image, distinct, signal);
  return mergeSame(confirmed.filter(({ score }) => score >= minScore));
}

async function runPass(
  { detector }: Models,
  image: Pyramid,
  { regions, size, maxFace }: Pass,
  minScore: number,
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const inRegions = regions.map((box) => ({ image, box }));
  const found = await detector.find(inRegions, { minScore, signal, ...(size && { size }) });
  return found.flat().filter(({ box }) => Math.max(box.width, box.height) <= maxFace);
}

/**
 * Looks at each proposal with the near detector, which gives box and eyes, and drops what it does not see. The score is
 * the product of what both say, weighted: they fail on different things, so that a false alarm of one rarely passes the
 * other.
 */
async function confirm(
  { nearDetector }: Models,
  image: Pyramid,
  proposals: readonly Candidate[],
  signal: AbortSignal | undefined,
): Promise<FoundFace[]> {
  const seen = await lookCloser(nearDetector, image, proposals, signal);
  return proposals.flatMap(({ score }, i) => {
    const best = seen[i];
    return best ? [{ ...withEyes(best), score: best.score * score ** PROPOSAL_WEIGHT }] : [];
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

/** Two proposals may have led to one face. */
function mergeSame(faces: readonly FoundFace[]): FoundFace[] {
  const kept: FoundFace[] = [];
  for (const face of [...faces].sort((a, b) => b.score - a.score)) {
    if (kept.every((other) => iou(other.box, face.box) <= MAX_IOU)) kept.push(face);
  }
  return kept;
}

/** By falling score, drops boxes that lie inside a better one. */
function dropParts(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    if (kept.every((other) => containment(candidate.box, other.box) <= MAX_CONTAINMENT)) kept.push(candidate);
  }
  return kept;
}

function byVisibleArea(faces: readonly FoundFace[], image: Pyramid): FoundFace[] {
  return [...faces].sort((a, b) => visibleArea(b.box, image) - visibleArea(a.box, image));
}

function withEyes({ box, score, points }: Candidate): FoundFace {
  const [left, right] = points;
  return left && right ? { box, score, eyes: [left, right] } : { box, score };
}

function wholeOf({ width, height }: Pyramid): Box {
  return { left: 0, top: 0, width, height };
}
