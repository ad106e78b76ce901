import type { NearFace } from '../api/nearface.ts';
import { anysee } from './anysee/anysee.ts';
import { api4ai } from './api4ai/api4ai.ts';
import { compreface } from './compreface/compreface.ts';
import { deepva } from './deepva/deepva.ts';
import { findface } from './findface/findface.ts';
import { findfaceExtraction } from './findface-extraction/findface-extraction.ts';
import { findfaceVectors } from './findface-vectors/findface-vectors.ts';
import { mercury } from './mercury/mercury.ts';
import type { RestApi, RestHandler, RestOptions } from './options.ts';
import { resolveRest, REST_APIS } from './resolve-rest.ts';
import type { Dialect } from './route.ts';
import { RestServer } from './server.ts';

/** Each interface, made anew for each handler, since some of them remember what has no place in the store. */
const DIALECTS: Readonly<Record<RestApi, () => Dialect>> = {
  compreface,
  findface,
  'findface-extraction': findfaceExtraction,
  'findface-vectors': findfaceVectors,
  api4ai,
  anysee,
  mercury,
  deepva,
};

/**
 * Serves an instance over HTTP, to clients that were written for other systems: `nf`'s faces are found, compared and enrolled by requests.
 * The handler answers a `Request` with a `Response`, and so runs wherever there are both: in a page or its service worker, in Node, in a test.
 *
 * @param nf - whose calls serve the requests. It stays the caller's; once it is disposed of, calls are answered with 503
 * @returns a function that never rejects: what goes wrong is an answer
 * @throws NearFaceError `BAD_PARAM`
 */
export function createHandler(nf: NearFace, options?: RestOptions): RestHandler {
  const resolved = resolveRest(options);
  const dialects = REST_APIS.filter((name) => resolved.apis.includes(name)).map((name) => DIALECTS[name]());
  const server = new RestServer(nf, resolved, dialects);
  return (request) => server.answer(request);
}
