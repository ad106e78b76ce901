import type { Keep } from '../core/records.ts';
import type { Box } from '../core/types.ts';
import { expandBox, squareBox } from '../geometry/boxes.ts';
import type { DecodedImage } from '../image/decoded-image.ts';
import { formatOf, mediaTypeOf } from '../image/format.ts';
import type { EncodeJpeg } from '../platform/port.ts';
import { stretch } from '../image/letterbox.ts';
import { warpToRgba } from '../image/warp.ts';
import type { FacePictures } from '../core/analysis.ts';

/** As much as tells every format. */
const SIGNATURE_BYTES = 256;
/** Longest sides in pixels. A crop is large enough to be embedded again by another model. */
const CROP_SIDE = 256;
const THUMBNAIL_SIDE = 96;
/** How far around the face box the pictures reach. */
const CROP_ENLARGE = 1.8;
const THUMBNAIL_ENLARGE = 1.5;
/** JPEG qualities, 0..1: a crop may be measured again, a thumbnail is only looked at. */
const CROP_QUALITY = 0.92;
const THUMBNAIL_QUALITY = 0.8;

/** A face that pictures are made of. */
export interface Pictured {
  /** In which it stands upright, if in any. */
  readonly image: DecodedImage;
  /** In pixels of the image's pyramid. */
  readonly box: Box;
  /** Whether the image is an aligned crop: there is nothing around the face then. */
  readonly isAligned?: boolean;
}

/**
 * The pictures of one face that are kept on enrolment. `photo` is the file as given, or else its pixels.
 */
export async function facePictures(
  { image, box, isAligned = false }: Pictured,
  keep: Keep,
  photo: Blob | DecodedImage,
  encode: EncodeJpeg,
): Promise<FacePictures> {
  if (keep === 'none') return {};
  const around = (enlarge: number): Box => expandBox(squareBox(box), isAligned ? 1 : enlarge);
  const [crop, thumbnail] = await Promise.all([
    picture(image, around(CROP_ENLARGE), CROP_SIDE, CROP_QUALITY, encode),
    picture(image, around(THUMBNAIL_ENLARGE), THUMBNAIL_SIDE, THUMBNAIL_QUALITY, encode),
  ]);
  if (keep === 'crops') return { crop, thumbnail };
  return {
    crop,
    thumbnail,
    photo: photo instanceof Blob ? await typed(photo) : await encode(photo.pyramid.level(0), CROP_QUALITY),
  };
}

/** The file with the media type that its own bytes tell, whatever it was given: as a page by its type it might be run. */
async function typed(photo: Blob): Promise<Blob> {
  const format = formatOf(new Uint8Array(await photo.slice(0, SIGNATURE_BYTES).arrayBuffer()));
  return photo.slice(
    0,
    photo.size,
    format && format !== 'svg' ? mediaTypeOf(format) : 'application/octet-stream',
  );
}

/** A region as a JPEG of at most `maxSide` pixels; never enlarged. */
function picture(
  { pyramid }: DecodedImage,
  region: Box,
  maxSide: number,
  quality: number,
  encode: EncodeJpeg,
): Promise<Blob> {
  const side = Math.max(1, Math.min(maxSide, Math.round(region.width)));
  return encode(warpToRgba(pyramid, stretch(region, side, side), side, side), quality);
}
