import type { LazyModel } from '../core/model-session.ts';
import type { Completeness } from '../core/quality.ts';
import { applyAffine, invert, type Affine } from '../geometry/similarity.ts';
import { cropFromMesh } from './face-mesh.ts';
import { cellsOfPart, FACE_PARTS, type FacePart } from './face-parts.ts';
import { mirrored, runCrops, type Crop } from './run-crops.ts';
import { asksFor, cropsOf, type DetailStage } from './detail-stage.ts';

/** Side of the occlusion network's input in pixels. */
export const OCCLUSION_SIZE = 128;

/** How much wider than the mesh's longer side the network's crop is. */
export const OCCLUSION_ENLARGE = 1.4;

/** Side of the network's map in cells. */
const MAP = 64;
/** The network tells `SUB`² cells at each place of its last layer. */
const SUB = 4;

/** A face whose mesh is fitted: 468 × (x, y, z) in pixels of the image. */
export interface OcclusionCrop extends Crop {
  readonly mesh: Float32Array;
}

/** The covered share of each part of a face, 0..1. */
export type CoveredShares = Readonly<Record<FacePart, number>>;

/** Tells which parts of a face something hides. */
export interface OcclusionModel {
  /** One answer per face, whose crop is that of {@link occlusionCrop}. */
  measure(faces: readonly OcclusionCrop[], signal?: AbortSignal): Promise<CoveredShares[]>;
}

/** The occlusion network on `model`. */
export function createOcclusion(model: LazyModel): OcclusionModel {
  return {
    async measure(faces, signal) {
      const both = faces.flatMap((face) => [face, mirrored(face, OCCLUSION_SIZE)]);
      const logits = await runCrops(model, both, ([output]) => output!.slice(), { signal });
      return faces.map(({ mesh, toImage }, i) =>
        decodeOcclusion([logits[2 * i]!, logits[2 * i + 1]!], mesh, toImage),
      );
    },
  };
}

/** What hides the face. */
export const occlusionStage: DetailStage<CoveredShares> = {
  role: 'occlusion',
  timedAs: 'occlusion',
  isNeeded: (details) => details.quality || asksFor(details, 'mask', 'emotions'),
  create(model) {
    const occlusion = createOcclusion(model);
    return (faces, signal) => occlusion.measure(cropsOf(faces, occlusionCrop), signal);
  },
};

/** The crop that the occlusion network looks at: around the mesh (468 × (x, y, z) in the image), the eyes level. */
export function occlusionCrop(mesh: Float32Array, size: number = OCCLUSION_SIZE): Affine {
  return cropFromMesh(mesh, size, OCCLUSION_ENLARGE);
}

/**
 * The covered share of each part: the mean probability of being covered over the part's cells. Logit `SUB² (16 y + x) + SUB v + u`
 * is that of the cell (4 x + u, 4 y + v) of a map of 64² over the crop, which `toImage` maps to the image. Logits of a second look,
 * at the mirrored crop, are averaged with the first's: fewer errors for twice the time.
 */
export function decodeOcclusion(
  [logits, ofMirrored]: readonly [logits: Float32Array, ofMirrored: Float32Array],
  mesh: Float32Array,
  toImage: Affine,
): CoveredShares {
  const toCrop = invert(toImage);
  const cell = OCCLUSION_SIZE / MAP;
  const points = Array.from({ length: mesh.length / 3 }, (_, i) => {
    const { x, y } = applyAffine(toCrop, { x: mesh[3 * i]!, y: mesh[3 * i + 1]! });
    return { x: x / cell, y: y / cell };
  });
  const share = (part: FacePart): number => {
    const cells = cellsOfPart(part, points, MAP / OCCLUSION_ENLARGE, MAP);
    const logitOf = (index: number): number =>
      (logits[placeOf(index)]! + ofMirrored[placeOf(mirroredCell(index))]!) / 2;
    const sum = cells.reduce((total, index) => total + sigmoid(logitOf(index)), 0);
    return cells.length > 0 ? sum / cells.length : 0;
  };
  return Object.fromEntries(FACE_PARTS.map((part) => [part, share(part)])) as CoveredShares;
}

/** Where the network's output has a cell of the map. */
function placeOf(index: number): number {
  const [x, y] = [index % MAP, Math.floor(index / MAP)];
  const place = Math.floor(y / SUB) * (MAP / SUB) + Math.floor(x / SUB);
  return SUB * SUB * place + SUB * (y % SUB) + (x % SUB);
}

/** The same cell in the mirror. */
function mirroredCell(index: number): number {
  return index - 2 * (index % MAP) + MAP - 1;
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** How much of a face each part is; the shares add up to 1. */
const WEIGHTS: CoveredShares = {
  leftEyeBrow: 0.07,
  rightEyeBrow: 0.07,
  leftEye: 0.13,
  rightEye: 0.13,
  nose: 0.2,
  mouth: 0.2,
  faceContour: 0.2,
};

/**
 * The covered shares from which on a part counts as touched, and at which as gone: at the first, held-out faces with nothing
 * before them stay whole; of the contour, which goes around the whole face, half is all that one thing covers. Source:
 * models/face-occlusion.md.
 */
const SPANS: Readonly<Record<FacePart, readonly [touched: number, gone: number]>> = {
  leftEyeBrow: [0.1, 0.85],
  rightEyeBrow: [0.1, 0.85],
  leftEye: [0.1, 0.85],
  rightEye: [0.1, 0.85],
  nose: [0.08, 0.85],
  mouth: [0.08, 0.85],
  faceContour: [0.03, 0.45],
};

/** The visible share of each part, from the covered ones; `total` is their mean, weighted by how much of a face each is. */
export function completenessOf(covered: CoveredShares): Completeness {
  const visible = Object.fromEntries(
    FACE_PARTS.map((part) => {
      const [touched, gone] = SPANS[part];
      return [part, 1 - Math.min(Math.max((covered[part] - touched) / (gone - touched), 0), 1)];
    }),
  ) as Record<FacePart, number>;
  return { total: FACE_PARTS.reduce((sum, part) => sum + WEIGHTS[part] * visible[part], 0), ...visible };
}
