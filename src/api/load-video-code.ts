import { NearFaceError } from '../core/errors.ts';

/** Loads code for videos, with the first of them. @throws NearFaceError `BACKEND_UNAVAILABLE` */
export async function loadVideoCode<Code>(load: () => Promise<Code>): Promise<Code> {
  try {
    return await load();
  } catch (error) {
    const what =
      'The code for videos could not be loaded; the files nearface.*.js must lie beside nearface.js, all of one version';
    throw NearFaceError.from(error, 'BACKEND_UNAVAILABLE', what);
  }
}
