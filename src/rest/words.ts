/**
 * What an error of the library says over HTTP. Its message speaks to whoever calls the library in JavaScript, and of what to call there: here the
 * sentence is made anew, of its code and its facts, in the names of the request's fields.
 */
import { type ErrorCode, type ErrorDetails, showValue } from '../core/errors.ts';

/** How a request calls what the library has another name for: fields by the library's names. */
export type FieldNames = Readonly<Record<string, string>>;

/** An error of the library, or what is kept of one. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** What a sentence is made of. Of a failure that was stored there are no details: it is told in its own words. */
interface Facts extends Failure {
  /** The field that it is about. */
  readonly field: string | undefined;
}

/** The field that a parameter of the library stands for, or a part of it: the longest name that is known counts. */
export function fieldOf(param: string, names: FieldNames): string {
  const path = pathOf(param);
  const known = nameIn(path, names);
  return known === undefined ? path : `${names[known]}${path.slice(known.length)}`;
}

/** Whether a parameter of the library, or what it is a part of, has a name. */
export function isNamed(param: string, names: FieldNames): boolean {
  return nameIn(pathOf(param), names) !== undefined;
}

const pathOf = (param: string): string => param.replace(/^options\./, '');

function nameIn(path: string, names: FieldNames): string | undefined {
  const known = Object.keys(names).filter(
    (name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`),
  );
  return known.toSorted((a, b) => b.length - a.length)[0];
}

/** The sentence that tells an error to a client. */
export function wordsOf({ code, message, details }: Failure, names: FieldNames = {}): string {
  const { param } = details;
  return WORDS[code]({
    code,
    message,
    details,
    field: param === undefined ? undefined : fieldOf(param, names),
  });
}

/** What happened, without what the library says is to be done: that stands behind a semicolon. A name before a colon is the field's. */
function happened({ message, details: { param }, field }: Facts): string {
  const [what = ''] = message.split('; ');
  return param !== undefined && what.startsWith(`${param}: `) ? `${field}${what.slice(param.length)}` : what;
}

function badParamWords(facts: Facts): string {
  const [, param = '', expected, value = ''] = /^(.*?) must be (.*), but is (.*)$/s.exec(facts.message) ?? [];
  if (expected === undefined) return happened(facts);
  return `${facts.field ?? pathOf(param)} must be ${expected.split('; ')[0]}, but is ${value}`;
}

/** A fact as it is told. */
const textOf = (fact: unknown): string => (typeof fact === 'string' ? fact : showValue(fact));

const pictureOf = ({ field }: Facts): string => field ?? 'The picture';
const inPicture = ({ field }: Facts): string => (field === undefined ? 'in the picture' : `in ${field}`);

function undecodedWords(facts: Facts): string {
  const { bytes, format } = facts.details;
  if (typeof bytes !== 'number') return happened(facts);
  if (format === undefined) return `${pictureOf(facts)}: the ${bytes} bytes are no picture of a known format`;
  if (format === 'svg') return `${pictureOf(facts)} is an SVG drawing, which has no pixels: send it as PNG`;
  return `${pictureOf(facts)}: the ${textOf(format)} of ${bytes} bytes could not be decoded: it is damaged or incomplete, or of a kind that is not read here; send a JPEG or PNG`;
}

function tooLargeWords(facts: Facts): string {
  const { bytes, maxBytes, width, height, maxPixels } = facts.details as Readonly<
    Record<string, number | undefined>
  >;
  const name = pictureOf(facts);
  if (maxPixels !== undefined)
    return `${name} has ${width} × ${height} pixels; the limit is ${maxPixels} in all`;
  if (maxBytes === undefined) return happened(facts);
  return `${name} has ${bytes ?? `more than ${maxBytes}`} bytes; the limit is ${maxBytes}`;
}

function noFaceWords(facts: Facts): string {
  // Of a box that was given.
  if (facts.field?.endsWith(']') && facts.details.boxes) return `No face is found at ${facts.field}`;
  return `No face is found ${inPicture(facts)}`;
}

function tooSmallWords(facts: Facts): string {
  const { value, minFaceSize } = facts.details;
  if (value === undefined) return happened(facts);
  const least = typeof minFaceSize === 'number' ? `; ${Math.ceil(minFaceSize)} are needed` : '';
  return `The largest face ${inPicture(facts)} measures ${textOf(value)} pixels${least}`;
}

function mismatchWords(facts: Facts): string {
  const { gallery, galleryModel, model } = facts.details;
  if (gallery === undefined) return happened(facts);
  return `The gallery '${textOf(gallery)}' has embeddings of the model '${textOf(galleryModel)}', not of '${textOf(model)}'`;
}

function fullWords(facts: Facts): string {
  const { gallery, capacity, count } = facts.details;
  if (gallery === undefined) return happened(facts);
  return `The gallery '${textOf(gallery)}' takes ${textOf(capacity)} faces and has ${textOf(count)}`;
}

function missingWords(facts: Facts): string {
  // Where its files lie is nobody's business.
  return facts.details['url'] === undefined
    ? happened(facts)
    : 'Something that the call needs is missing where this is served';
}

const named =
  (what: string, fact: string, rest = '') =>
  (facts: Facts): string => {
    const { [fact]: name } = facts.details;
    if (name !== undefined) return `There is ${what} '${textOf(name)}'${rest}`;
    // The message goes on with what else there is.
    const [said = `There is ${what} like that`] =
      new RegExp(`^There is ${what} '[^']*'`).exec(facts.message) ?? [];
    return `${said}${rest}`;
  };
const plain = (sentence: string) => (): string => sentence;

/** Errors that are not the request's fault tell nothing of the inside. */
const WORDS: Readonly<Record<ErrorCode, (facts: Facts) => string>> = {
  BAD_PARAM: badParamWords,
  IMAGE_DECODING_FAILED: undecodedWords,
  IMAGE_TOO_LARGE: tooLargeWords,
  VIDEO_DECODING_FAILED: happened,
  NO_FACE: noFaceWords,
  TOO_MANY_FACES: (facts) =>
    `${facts.details.boxes?.length ?? 'Several'} faces are found ${inPicture(facts)} where one is wanted`,
  FACE_TOO_SMALL: tooSmallWords,
  MODEL_LOAD_FAILED: plain('A model that the call needs could not be loaded'),
  MODEL_INTEGRITY: plain('A model that the call needs is not the one that it should be'),
  MODEL_MISMATCH: mismatchWords,
  BACKEND_UNAVAILABLE: missingWords,
  GALLERY_EXISTS: named('a gallery', 'gallery', ' already'),
  GALLERY_NOT_FOUND: named('no gallery', 'gallery'),
  GALLERY_FULL: fullWords,
  FACE_NOT_FOUND: named('no face', 'id'),
  FACE_EXISTS: named('a face', 'id', ' already'),
  PERSON_NOT_FOUND: named('no person', 'id'),
  TOO_FEW_PEOPLE: happened,
  CAMERA_NOT_FOUND: named('no camera', 'id'),
  CAMERA_EXISTS: named('a camera', 'id', ' already'),
  STORAGE_FULL: plain('There is no room for more where faces are kept'),
  STORAGE_FAILED: plain('What is stored could not be read or written; call again in a moment'),
  LOCKED: plain('The faces are locked'),
  ABORTED: plain('The call was given up'),
  DISPOSED: plain('This is not served any more'),
  WORKER_DIED: plain('What was working at the call has ended; call again in a moment'),
  AUTH_FAILED: plain('The key is not accepted'),
  MALFORMED_JSON: happened,
};
