import type { DetectOptions, FindOptions } from '../../api/options.ts';
import { MAX_FACES_PER_IMAGE } from '../../core/limits.ts';
import type { Box, Detection, Face } from '../../core/types.ts';
import { MIN_FACE_SIZE } from '../face-size.ts';
import { encodedPicture, type Field, flag, optional, withDefault } from '../fields.ts';
import { object, rectangle } from '../object-field.ts';
import { aboutPicture, noFace } from '../problem.ts';
import type { Call } from '../route.ts';

/** A face is larger than this share of its picture's width and height. */
const MIN_SHARE = 0.1;

/** What is told of a face. */
export interface Asked {
  readonly position: boolean;
  readonly angle: boolean;
  readonly landmarks: boolean;
  readonly quality: boolean;
  readonly attributes: boolean;
}

/** A picture, and how its faces are looked for. */
export interface Image {
  /** Base64. */
  readonly data: string;
  readonly area: Box | undefined;
  readonly autoRotate: boolean;
  readonly returnDetails: Asked;
}

const off = (description: string): Field<boolean> => withDefault(flag(description), false);

const DETAILS = {
  position: off('The box'),
  angle: off('The pose'),
  landmarks: off('The 106 landmarks'),
  quality: off('The quality'),
  attributes: off('The attributes'),
};

const NOTHING: Asked = {
  ...{ position: false, angle: false, landmarks: false },
  ...{ quality: false, attributes: false },
};

const IMAGE = {
  data: encodedPicture('Base64 of a JPG, PNG or GIF, of which the first frame is taken'),
  area: optional(rectangle('Only faces that overlap it')),
  autoRotate: off('Whether the other quarter turns are looked at, if no face is upright'),
  returnDetails: withDefault(object(DETAILS, 'What is told of the face'), NOTHING),
};

/** The image of a request. */
export const imageField = (): Field<Image> => object(IMAGE, 'The picture');

/** A picture that was read, and the options by which its faces are found. */
export interface Given {
  readonly photo: Blob;
  readonly find: FindOptions;
}

type LookCall = Pick<Call<unknown, unknown, unknown>, 'nf' | 'options' | 'signal' | 'picture'>;

/** Reads the picture of a field that is called `param`. */
export async function readImage(call: LookCall, image: Image, param: string): Promise<Given> {
  const { options, signal } = call;
  const { area, autoRotate, data } = image;
  const { blob } = await call.picture(data, `${param}.data`);
  const minFaceSize = options.minFaceSize ?? MIN_FACE_SIZE;
  return { photo: blob, find: { minFaceSize, autoRotate, signal, ...(area && { area }) } };
}

const isLarge = ({ position }: Face, { width, height }: Detection): boolean =>
  position.width > MIN_SHARE * width && position.height > MIN_SHARE * height;

/** All faces of a picture. */
export async function facesOf(call: LookCall, image: Image, param: string): Promise<readonly Face[]> {
  const { photo, find } = await readImage(call, image, param);
  const options: DetectOptions = {
    ...{ ...find, mode: 'accurate', maxFaces: MAX_FACES_PER_IMAGE },
    returnDetails: image.returnDetails,
  };
  const found = await aboutPicture(`${param}.data`, () => call.nf.detect(photo, options));
  return found.faces.filter((face) => isLarge(face, found));
}

/** The biggest face of a picture, with its embedding. @throws RestError `NO_FACES` */
export async function faceOf(
  call: LookCall,
  image: Image,
  { photo, find }: Given,
  param: string,
): Promise<Face> {
  const found = await aboutPicture(`${param}.data`, () =>
    call.nf.embed(photo, { ...find, mode: 'auto', faces: 'biggest', returnDetails: image.returnDetails }),
  );
  const [face] = found.faces;
  if (face && isLarge(face, found)) return face;
  const small = 'The face must be more than a tenth of the width and height of its picture';
  throw noFace(`${param}.data`, face && small);
}
