import { badParam } from '../core/errors.ts';
import type { AnalysisRequest } from '../core/analysis.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import type { Affine } from '../geometry/similarity.ts';
import { templateEyes } from '../stages/align.ts';
import type { Finding } from './placed-face.ts';

/** The longer side may be so many times the shorter one: a crop that was scaled may be a pixel off. */
const MAX_ASPECT = 1.02;

/**
 * The one face of a picture that is an aligned crop: all of it. The picture's eyes are where alignment puts them.
 *
 * @param name - what the caller calls the image, for messages
 * @throws NearFaceError `BAD_PARAM` for a picture that is not square
 */
export function alignedFace(image: DecodedImage, name: string): Finding {
  const { width, height } = image.pyramid;
  if (Math.max(width, height) > MAX_ASPECT * Math.min(width, height)) {
    const size = `${image.width} × ${image.height} pixels`;
    throw badParam(
      name,
      size,
      "a square picture, as an aligned crop is; leave input: 'aligned' out for a photo",
    );
  }
  const box = { left: 0, top: 0, width, height };
  const found = { box, score: 1, eyes: templateEyes(width) };
  return { image, rotation: 0, faces: [{ image, found, box, isAligned: true }] };
}

/** The map from an embedding model's input of `size`² to the aligned crop. */
export function ofAlignedCrop({ pyramid }: DecodedImage, size: number): Affine {
  return [pyramid.width / size, 0, 0, pyramid.height / size, 0, 0];
}

/**
 * The details that an aligned crop can tell. It does not show how large, how sharp and where in its photo the face was, nor the
 * hair, hat and temples that the appearance is told by, and nothing of what is around a face, by which it is told from a picture of one.
 */
export function tellable({ input, details }: AnalysisRequest): AnalysisRequest['details'] {
  if (input !== 'aligned') return details;
  const attributes = details.attributes.filter((group) => group !== 'appearance');
  return { ...details, quality: false, liveness: false, attributes };
}
