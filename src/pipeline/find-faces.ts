import type { Box, FacesRule } from '../core/types.ts';
import { area, clampBox, containment, expandBox, intersection, iou } from '../geometry/boxes.ts';
import { greedyNms, type Candidate } from '../geometry/nms.ts';
import type { Pyramid } from '../image/pyramid.ts';
import type { Detector, FindInRegions } from '../stages/detector.ts';
import { confirmFaces, isLying, MIN_PROPOSAL, SAME_FACE_IOU, withEyes } from './confirm-faces.ts';
import type { FoundFace } from './found-face.ts';
import type { Models } from './models.ts';
import { planPasses, type Pass } from './passes.ts';

export type { FoundFace };

/** The models that find faces. */
export type Finders = Pick<Models, 'detector' | 'nearDetector' | 'mesh' | 'embedder'>;

/** What to look for; lengths in pixels of the image. */
export interface FindRequest {
  readonly mode: 'fast' | 'accurate' | 'auto';
  readonly minScore: number;
  readonly minFace: number;
  /** Only faces whose box overlaps it; null for the whole image. */
  readonly area: Box | null;
  readonly faces: FacesRule | { readonly boxes: readonly Box[] };
  /** Boxes of faces that need not be found: an accurate search leaves out what proposes them, or parts of them. */
  readonly known?: readonly Box[] | undefined;
}

/** A box that lies in a better one by this share is a part of the same face, cut by a tile. */
export const MAX_CONTAINMENT = 0.8;
/** A face inside another is a part of it if its area is less than this share of the other's, and the other's score at least that of its own. */
const PART_AREA = 0.5;
const PART_SCORE = 0.8;
/** The most proposals of all looks together; those with the highest scores are kept. */
const MAX_PROPOSALS = 4096;
/** The smallest face of a fast look, as a share of the shorter side of what is looked at. */
const MIN_FAST_SHARE = 0.1;
/**
 * From this share of the shorter side on, what a fast look finds is taken for the biggest face there is: such looks pass over some smaller ones. In
 * 4 of 203 photos of people at work, in groups and in masks a face below it was found where a bigger one stood.
 */
const SURELY_BIGGEST_SHARE = 0.2;
/** Faces from this share of the shorter side on are looked for with the near detector too: some are too large for the other. */
const LARGE_SHARE = 0.45;
/** Where no face was found, what is looked at around the region, in its sides, for faces that fill it. */
const FILLING_ENLARGE = [1.4, 2] as const;
/** The least that the near detector must see there. */
const MIN_FILLING = 0.25;
/** A fast look is content with faces of this score; others are looked at again, closer. */
const SURE = 0.8;
/** What is looked at around an area, in its sides: faces may reach out of it by that much. */
const AREA_ENLARGE = 2;

/** The faces of an image, by falling visible area. */
export async function findFaces(
  models: Finders,
  image: Pyramid,
  request: FindRequest,
  signal?: AbortSignal,
): Promise<FoundFace[]> {
  const region = searchRegion(image, request);
  if (region.width < 1 || region.height < 1) return [];
  const inArea = ({ box }: FoundFace): boolean => !request.area || intersection(box, request.area) > 0;
  let near: FoundFace[] = [];
  if (request.mode === 'fast' || (request.mode === 'auto' && request.faces === 'biggest')) {
    near = (await findNear(models, image, region, request, signal)).filter(inArea);
    const isBig = ({ box }: FoundFace): boolean =>
      Math.sqrt(visibleArea(box, image)) >= SURELY_BIGGEST_SHARE * Math.min(region.width, region.height);
    if (request.mode === 'fast' || near.some(isBig)) return byVisibleArea(near, image);
  }
  const all = (await findAll(models, image, region, request, signal)).filter(inArea);
  return byVisibleArea(all.length > 0 ? all : near, image);
}

/** Area of the part of a box that lies in the image. */
export function visibleArea(box: Box, image: { readonly width: number; readonly height: number }): number {
  return area(clampBox(box, image.width, image.height));
}

/** The part of the image that is looked at: all of it, or the area with a margin. */
function searchRegion({ width, height }: Pyramid, { area: wanted, minFace }: FindRequest): Box {
  if (!wanted) return { left: 0, top: 0, width, height };
  const { left, top, width: w, height: h } = expandBox(wanted, AREA_ENLARGE);
  const more = Math.max(0, minFace - (Math.min(w, h) - Math.min(wanted.width, wanted.height)) / 2);
  return clampBox(
    { left: left - more, top: top - more, width: w + 2 * more, height: h + 2 * more },
    width,
    height,
  );
}

/**
 * One small look. In fast mode it is the only one for faces that it is sure of; elsewhere all are looked at again, as
 * what is measured on them gains by exact boxes and eyes.
 */
async function findNear(
  models: Finders,
  image: Pyramid,
  region: Box,
  { mode, minScore, minFace }: FindRequest,
  signal: AbortSignal | undefined,
): Promise<FoundFace[]> {
  const least = Math.max(minFace, MIN_FAST_SHARE * Math.min(region.width, region.height));
  const [found = []] = await models.nearDetector.find([{ image, box: region }], { minScore, signal });
  const isSure = (candidate: Candidate): boolean =>
    mode === 'fast' && candidate.score >= SURE && !isLying(withEyes(candidate));
  const unsure = found.filter((candidate) => !isSure(candidate));
  const confirmed = await confirmFaces(models, image, unsure, { minScore, minFace, signal });
  const faces = mergeSame([...found.filter(isSure).map(withEyes), ...confirmed]);
  return faces.filter(({ box }) => Math.min(box.width, box.height) >= least);
}

async function findAll(
  models: Finders,
  image: Pyramid,
  region: Box,
  { minScore, minFace, known = [] }: FindRequest,
  signal: AbortSignal | undefined,
): Promise<FoundFace[]> {
  const { detector } = models;
  const least = detector.hasPoints ? minScore : MIN_PROPOSAL;
  const proposals = await proposeFaces(detector, image, region, { minFace, minScore: least, signal });
  const inKnown = ({ box }: Candidate): boolean =>
    known.some((face) => iou(face, box) > SAME_FACE_IOU || containment(box, face) > MAX_CONTAINMENT);
  const distinctOf = (some: readonly Candidate[]): Candidate[] =>
    dropParts(
      greedyNms(
        some.filter((one) => !inKnown(one)),
        SAME_FACE_IOU,
      ),
    );
  if (detector.hasPoints) return distinctOf(proposals).map(withEyes);
  proposals.push(...(await proposeLarge(models, image, region, minScore, signal)));
  const confirm = async (some: readonly Candidate[]): Promise<FoundFace[]> => {
    const distinct = distinctOf(some);
    return mergeSame(await confirmFaces(models, image, distinct, { minScore, minFace, signal }));
  };
  const found = await confirm(proposals);
  return found.length > 0 || known.length > 0
    ? found
    : confirm(await proposeFilling(models, image, region, signal));
}

/** Faces that fill the region or reach out of it, seen as though from farther away. */
async function proposeFilling(
  { nearDetector, detector }: Finders,
  image: Pyramid,
  region: Box,
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const least = LARGE_SHARE * Math.min(region.width, region.height);
  const regions = FILLING_ENLARGE.map((factor) => ({ image, box: expandBox(region, factor) }));
  const found = (await nearDetector.find(regions, { minScore: MIN_FILLING, signal })).flat();
  found.push(...(await detector.find(regions, { minScore: MIN_PROPOSAL, signal })).flat());
  return found.filter(({ box }) => Math.max(box.width, box.height) >= least);
}

/** What a detector sees in a region, on the whole and, for the smallest faces, in tiles; before NMS between the looks. */
export async function proposeFaces(
  detector: Detector,
  image: Pyramid,
  region: Box,
  { minFace, minScore, signal }: FindInRegions & { readonly minFace: number },
): Promise<Candidate[]> {
  const proposals: Candidate[] = [];
  for (const pass of planPasses({ width: region.width, height: region.height, minFace, ...detector }))
    proposals.push(...(await runPass(detector, image, region, pass, minScore, signal)));
  return proposals.sort((a, b) => b.score - a.score).slice(0, MAX_PROPOSALS);
}

async function runPass(
  detector: Detector,
  image: Pyramid,
  { left, top }: Box,
  { regions, size, maxFace }: Pass,
  minScore: number,
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const inRegions = regions.map((box) => ({
    image,
    box: { ...box, left: left + box.left, top: top + box.top },
  }));
  const found = await detector.find(inRegions, { minScore, signal, ...(size && { size }) });
  return found.flat().filter(({ box }) => Math.max(box.width, box.height) <= maxFace);
}

/** Faces about as large as the region. */
async function proposeLarge(
  { nearDetector }: Finders,
  image: Pyramid,
  region: Box,
  minScore: number,
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const least = LARGE_SHARE * Math.min(region.width, region.height);
  const [found = []] = await nearDetector.find([{ image, box: region }], { minScore, signal });
  return found.filter(({ box }) => Math.max(box.width, box.height) >= least);
}

/**
 * Two proposals may have led to one face, or to a part of it, such as an eye. Faces that the detectors were sure of come before
 * judged ones: a judged score says how surely there is a face, not how well it is placed.
 */
function mergeSame(faces: readonly FoundFace[]): FoundFace[] {
  const kept: FoundFace[] = [];
  for (const face of [...faces].sort(byCertainty)) {
    if (kept.every((other) => iou(other.box, face.box) <= SAME_FACE_IOU)) kept.push(face);
  }
  return kept.filter((face) => !kept.some((other) => isPart(face, other)));
}

function byCertainty(a: FoundFace, b: FoundFace): number {
  return Number(Boolean(a.mesh)) - Number(Boolean(b.mesh)) || b.score - a.score;
}

/** Whether a face lies inside one that is much larger and not much less sure. */
function isPart({ box, score }: FoundFace, other: FoundFace): boolean {
  const inside = containment(box, other.box) > MAX_CONTAINMENT;
  return inside && area(box) < PART_AREA * area(other.box) && other.score >= PART_SCORE * score;
}

/** By falling score, drops boxes that lie inside a better one. */
function dropParts(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    if (kept.every((other) => containment(candidate.box, other.box) <= MAX_CONTAINMENT)) kept.push(candidate);
  }
  return kept;
}

/** By falling area of what is seen of them. */
export function byVisibleArea<F extends { readonly box: Box }>(
  faces: readonly F[],
  image: { readonly width: number; readonly height: number },
): F[] {
  return [...faces].sort((a, b) => visibleArea(b.box, image) - visibleArea(a.box, image));
}
