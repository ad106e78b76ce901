import type { FindOptions } from '../../api/options.ts';
import { MAX_FACES_PER_IMAGE, MAX_META_LENGTH } from '../../core/limits.ts';
import type { Box, Face } from '../../core/types.ts';
import type { EmbeddingProbe } from '../../api/compare.ts';
import { MIN_FACE_SIZE } from '../face-size.ts';
import { encodedPicture, type Field, type JsonSchema, optional, text } from '../fields.ts';
import { list, object, rectangle } from '../object-field.ts';
import { aboutPicture, noFace, wrongField } from '../problem.ts';
import { readField } from '../read-fields.ts';
import type { Call } from '../route.ts';
import { wholeRectangle } from '../whole-box.ts';

/** Most pictures of one call. */
export const MAX_IMAGES = 16;

/** A picture of a request. */
export interface Image {
  /** Base64. */
  readonly data: string;
  /** Only faces that overlap it, and only its pixels, are looked at. */
  readonly rectangle: Box | undefined;
  /** Kept with a feature. */
  readonly extra_info: string | undefined;
}

const imageField = (): Field<Image> =>
  object(
    {
      data: encodedPicture('Base64'),
      rectangle: optional(rectangle('Where faces are looked for')),
      extra_info: optional(text(MAX_META_LENGTH, 'Kept with a feature')),
    },
    'A picture',
  );

/** Pictures of a request, each read on its own. */
export const imagesField = (least: number, most: number): Field<readonly unknown[]> =>
  list(imageField(), [least, most], 'The pictures');

/** The one picture of a request, which is called `image`, or `images` with one item. */
export const oneImage = (): {
  readonly image: Field<Image | undefined>;
  readonly images: Field<readonly unknown[] | undefined>;
} => ({ image: optional(imageField()), images: optional(imagesField(1, 1)) });

/** The picture of {@link oneImage}, and what it is called. @throws RestError `BAD_PARAM` if there is none */
export function imageOf({
  image,
  images,
}: {
  readonly image: Image | undefined;
  readonly images: readonly unknown[] | undefined;
}): readonly [image: Image, param: string] {
  if (image) return [image, 'image'];
  if (images) return [readItem(images, 0), 'images[0]'];
  throw wrongField('image', undefined, 'a picture, or images with one', 'missing');
}

/** One of several pictures; clients also send `{ image: { data }, extra_info }`. @throws RestError `BAD_PARAM` */
export function readItem(images: readonly unknown[], i: number): Image {
  const given = images[i] as { readonly image?: object } | null;
  const { image, ...rest } = typeof given === 'object' && given !== null ? given : {};
  const flat = typeof image === 'object' && image !== null ? { ...rest, ...image } : given;
  return readField(imageField(), flat, `images[${i}]`);
}

type LookCall = Pick<Call<unknown, unknown, unknown>, 'nf' | 'options' | 'signal' | 'picture'>;

/** A picture that was read, and the options by which its faces are found. */
export interface Given {
  readonly photo: Blob;
  readonly param: string;
  readonly find: FindOptions;
}

/** Reads the picture of a field that is called `param`. */
export async function readImage(call: LookCall, image: Image, param: string): Promise<Given> {
  const { options, signal } = call;
  const { blob } = await call.picture(image.data, `${param}.data`);
  const find: FindOptions = {
    ...{ mode: 'accurate', minFaceSize: options.minFaceSize ?? MIN_FACE_SIZE, signal },
    ...(image.rectangle && { area: image.rectangle }),
  };
  return { photo: blob, param: `${param}.data`, find };
}

/** The biggest face of a picture, with its embedding. @throws RestError `NO_FACES` */
export async function faceOf(
  { nf }: LookCall,
  { photo, param, find }: Given,
): Promise<Face & EmbeddingProbe> {
  const { faces } = await aboutPicture(param, () =>
    nf.embed(photo, { ...find, faces: 'biggest', returnDetails: { angle: true } }),
  );
  return biggest(faces, param) as Face & EmbeddingProbe;
}

/** All faces of a picture, the biggest first. */
export async function facesOf(
  { nf }: LookCall,
  { photo, param, find }: Given,
  returnDetails: { readonly angle: true; readonly quality?: true } = { angle: true },
): Promise<readonly Face[]> {
  const options = { ...find, maxFaces: MAX_FACES_PER_IMAGE, returnDetails };
  return (await aboutPicture(param, () => nf.detect(photo, options))).faces;
}

/** The first of some faces. @throws RestError `NO_FACES` */
export function biggest(faces: readonly Face[], param: string): Face {
  const [face] = faces;
  if (face) return face;
  throw noFace(param);
}

/** A face as every call tells it. */
export function faceOut({ position, angle }: Face): { readonly rectangle: Box; readonly angle: object } {
  const { yaw, pitch, roll } = angle!;
  return { rectangle: wholeRectangle(position), angle: { yaw, pitch, roll } };
}

export const faceSchema: JsonSchema = {
  type: 'object',
  properties: { rectangle: { type: 'object' }, angle: { type: 'object' } },
};
