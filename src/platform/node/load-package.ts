import { NearFaceError } from '../../core/errors.ts';

/**
 * Loads an optional package. Its name is not written out where it is imported: bundlers of a server would look for it, installed or not.
 *
 * @param purpose - what needs it, as the beginning of a sentence
 * @throws NearFaceError `BACKEND_UNAVAILABLE` where it is not installed, or does not run here
 */
export async function loadPackage<T>(name: string, purpose: string): Promise<T> {
  try {
    return (await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ /* @vite-ignore */ name)) as T;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error);
    const text = `${purpose} needs the package ${name}, which could not be loaded (${why}); install it: npm install ${name}`;
    throw new NearFaceError('BACKEND_UNAVAILABLE', text, { package: name }, error);
  }
}
