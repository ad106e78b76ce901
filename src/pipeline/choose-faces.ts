import { NearFaceError } from '../core/errors.ts';
import type { Box } from '../core/types.ts';
import { area, clampBox, iou } from '../geometry/boxes.ts';
import type { AnalysisRequest } from '../core/analysis.ts';
import { visibleArea } from './find-faces.ts';

/** The image that faces were found in, as messages and rules need it. */
export interface Searched {
  readonly width: number;
  readonly height: number;
  /** What the caller calls the image. */
  readonly name: string;
}

/** A face by its box, with whatever else the caller needs to find it again. */
interface Boxed {
  readonly box: Box;
}

type Rules = Pick<AnalysisRequest, 'faces' | 'maxFaces' | 'required'> & {
  readonly minFaceSize: number;
};

/** The smallest face that `auto` looks for: in pixels, and as a share of the image's shorter side. Measured with `bench:detection`. */
const AUTO_PIXELS = 24;
const AUTO_SHARE = 0.015;
/** Faces within this share of the largest's area count as equally big: boxes are not more exact than that. */
const SAME_SIZE = 0.7;
/** The least overlap of a face with a box that the caller named. */
const MIN_BOX_IOU = 0.1;

/** The shorter side of the smallest face wanted of an image, or of the part of `wanted` that lies in it, in its pixels. */
export function smallestFace(
  minFaceSize: number | 'auto',
  image: Pick<Searched, 'width' | 'height'>,
  wanted: Box | null,
): number {
  if (minFaceSize !== 'auto') return minFaceSize;
  const { width, height } = wanted ? clampBox(wanted, image.width, image.height) : image;
  return Math.max(AUTO_PIXELS, AUTO_SHARE * Math.min(width, height));
}

/**
 * The faces that the rules pick, the biggest first. `found` is by falling visible area; all lengths are in pixels of
 * the image. `biggest` means the largest visible area, faces cut by the edge counting less; among about equally big
 * faces the one nearest to the centre.
 *
 * @throws NearFaceError `NO_FACE`, `FACE_TOO_SMALL`, `TOO_MANY_FACES`
 */
export function chooseFaces<F extends Boxed>(found: readonly F[], rules: Rules, image: Searched): F[] {
  const { faces: rule } = rules;
  const large = found.filter(({ box }) => Math.min(box.width, box.height) >= rules.minFaceSize);
  if (large.length === 0) return rules.required ? failEmpty(found, rules, image) : [];
  if (typeof rule === 'object') return rule.boxes.flatMap((box, i) => atBox(large, box, i, rules, image));
  if (rule === 'reject' && large.length > 1) throw tooMany(large, image);
  if (rule === 'biggest') return [mainFace(large, image)];
  return large.slice(0, rules.maxFaces);
}

function mainFace<F extends Boxed>(faces: readonly F[], image: Searched): F {
  const least = SAME_SIZE * Math.max(...faces.map(({ box }) => prominence(box, image)));
  const big = faces.filter(({ box }) => prominence(box, image) >= least);
  return big.reduce((best, face) =>
    fromCentre(face.box, image) < fromCentre(best.box, image) ? face : best,
  );
}

/** Visible area times visible share: a face that the edge cuts is rarely whom the photo is of. */
function prominence(box: Box, image: Searched): number {
  const visible = visibleArea(box, image);
  return visible * (visible / area(box));
}

function fromCentre({ left, top, width, height }: Box, image: Searched): number {
  return Math.hypot(left + width / 2 - image.width / 2, top + height / 2 - image.height / 2);
}

function atBox<F extends Boxed>(
  faces: readonly F[],
  box: Box,
  i: number,
  { required }: Rules,
  image: Searched,
): F[] {
  const best = faces.reduce((high, face) => (iou(face.box, box) > iou(high.box, box) ? face : high));
  if (iou(best.box, box) >= MIN_BOX_IOU) return [best];
  if (!required) return [];
  const text = `No face was found at boxes[${i}] of ${image.name}; give a box that detect() answered`;
  throw new NearFaceError('NO_FACE', text, {
    param: `boxes[${i}]`,
    value: box,
    boxes: faces.map((face) => face.box),
  });
}

function failEmpty(found: readonly Boxed[], { minFaceSize }: Rules, { name }: Searched): never {
  // In whole pixels, so that what is too small also reads so.
  const least = Math.ceil(minFaceSize);
  if (found.length === 0) {
    const text = `No face was found in ${name}; use a photo in which a face is upright, lit and at least ${least} pixels wide (minFaceSize)`;
    throw new NearFaceError('NO_FACE', text, { param: name });
  }
  const largest = Math.floor(Math.max(...found.map(({ box }) => Math.min(box.width, box.height))));
  const text =
    `The largest face in ${name} measures ${largest} pixels, minFaceSize is ${least}; ` +
    `use a larger photo or lower minFaceSize`;
  throw new NearFaceError('FACE_TOO_SMALL', text, { param: name, value: largest, minFaceSize });
}

function tooMany(faces: readonly Boxed[], { name }: Searched): NearFaceError {
  const text =
    `${faces.length} faces were found in ${name} where one was wanted; crop the photo, or choose with ` +
    `faces: 'biggest' or boxes`;
  return new NearFaceError('TOO_MANY_FACES', text, { param: name, boxes: faces.map(({ box }) => box) });
}
