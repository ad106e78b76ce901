/** Headers that a page may send. */
const ALLOWED = [
  ...['Authorization', 'Content-Type', 'api-key', 'instance-id', 'x-date', 'X-API-KEY', 'A4A-CLIENT-KEY'],
  'X-RapidAPI-Key',
].join(', ');
/** Headers that a page may read beside the usual ones. */
const EXPOSED = 'X-Live-Servers, X-search-stat';
const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE';
/** A day: browsers ask again after two hours at most. */
const MAX_AGE_S = '86400';

/** Which headers let the page of another origin read an answer; none for those that may not. */
export function corsHeaders(origins: readonly string[], request: Request): Readonly<Record<string, string>> {
  if (origins.length === 0) return {};
  const origin = request.headers.get('origin');
  const isAny = origins.includes('*');
  // Caches must not hand the answer of one origin to another one.
  const vary = isAny ? {} : { Vary: 'Origin' };
  if (origin === null || !(isAny || origins.includes(origin))) return vary;
  return {
    ...vary,
    'Access-Control-Allow-Origin': isAny ? '*' : origin,
    'Access-Control-Expose-Headers': EXPOSED,
  };
}

/** Whether a browser asks whether a page may call. */
export function isPreflight(request: Request): boolean {
  return request.method === 'OPTIONS' && request.headers.has('access-control-request-method');
}

/** The answer to that; it tells nothing of whether the path is known. */
export function preflight(headers: Readonly<Record<string, string>>): Response {
  const allowed = {
    'Access-Control-Allow-Methods': METHODS,
    'Access-Control-Allow-Headers': ALLOWED,
    'Access-Control-Max-Age': MAX_AGE_S,
  };
  const mayCall = 'Access-Control-Allow-Origin' in headers;
  return new Response(null, { status: 204, headers: { ...headers, ...(mayCall && allowed) } });
}
