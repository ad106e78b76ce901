import type { Problem } from '../problem.ts';
import type { Dialect, Reply } from '../route.ts';
import { statisticsRoutes } from './statistics.ts';
import { vectorRoutes } from './routes.ts';

/** Reasons are plain text here. */
function plainText({ message }: Problem): Reply {
  return { content: { type: 'text/plain; charset=UTF-8', data: message } };
}

/** FindFace's vectors, `/v1/GALLERY/…`, and the statistics of its shards, `/stat`. */
export function findfaceVectors(): Dialect {
  return {
    name: 'findface-vectors',
    title: 'FindFace (vectors, statistics)',
    description:
      'Embeddings that were made elsewhere by the model in use: little-endian float32, raw in requests and in base64 in answers.',
    keys: [{ in: 'header', name: 'Authorization', scheme: 'Token' }],
    routes: [...vectorRoutes, ...statisticsRoutes],
    prefix: /^\/stat(\/|$)/,
    refuse: plainText,
    errorSchema: { type: 'string', description: 'The reason, for people, as plain text' },
  };
}
