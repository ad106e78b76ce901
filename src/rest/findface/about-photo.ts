import { NearFaceError } from '../../core/errors.ts';
import { isLibraryError } from '../problem.ts';

/** What the library calls the picture of a call that has one. */
const ONE: Readonly<Record<string, string>> = { image: 'photo' };

/** Calls `use`, which looks at pictures; what is wrong with one is told of the field that holds it. `names` are the fields by the library's names. */
export async function aboutPhoto<T>(
  use: () => Promise<T>,
  names: Readonly<Record<string, string>> = ONE,
): Promise<T> {
  try {
    return await use();
  } catch (error) {
    if (!isLibraryError(error)) throw error;
    // What cannot be read is not always named; where there is one picture, it is this one.
    const isOfPicture = error.code.startsWith('IMAGE_') && names === ONE;
    const { param = isOfPicture ? 'image' : '' } = error.details;
    const name = Object.hasOwn(names, param) ? names[param] : undefined;
    if (name === undefined) throw error;
    const message = error.message.replace(new RegExp(`(^|\\b(?:in|of) )${param}(?=[:;,. ])`), `$1${name}`);
    throw new NearFaceError(error.code, message, { ...error.details, param: name }, error);
  }
}
