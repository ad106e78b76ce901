import type { Problem } from '../problem.ts';
import type { Dialect, Reply } from '../route.ts';
import { databaseRoutes } from './databases.ts';
import { envelopeSchema, resultOf } from './envelope.ts';
import { featureRoutes } from './features.ts';
import { lookRoutes } from './look.ts';
import { identify } from './signature.ts';

/** Mercury's databases of faces. Source: its public documentation; see docs/http.md for what is told otherwise. */
export function mercury(): Dialect {
  return {
    name: 'mercury',
    title: 'Mercury-style (1:N databases)',
    description:
      'Databases of features, which are galleries of faces; detection, quality, comparison and search. Requests are signed where the key has a secret.',
    keys: [{ in: 'header', name: 'Authorization', scheme: 'Token' }],
    maxImageBytes: 8 * 2 ** 20,
    identify,
    routes: [...lookRoutes(), ...databaseRoutes(), ...featureRoutes()],
    prefix: /^\/openapi\/face(\/|$)/,
    refuse,
    errorSchema: envelopeSchema(),
  };
}

function refuse(problem: Problem): Reply {
  return { json: { results: [resultOf(problem)] } };
}
