import type { NearFace } from '../api/nearface.ts';
import { corsHeaders, isPreflight, preflight } from './cors.ts';
import { documentation } from './documentation.ts';
import { PictureLimit } from './picture-limit.ts';
import type { RestToken } from './options.ts';
import { kindOf, type Problem, problemOf, RestError } from './problem.ts';
import { readInput } from './read-fields.ts';
import { readPicture } from './read-picture.ts';
import type { ResolvedRest } from './resolve-rest.ts';
import type { Call, Dialect, Reply } from './route.ts';
import { behind, type Found, plainPath, Router, splitKey } from './router.ts';
import { keyOf, LinkKeys, Tokens, unauthorised } from './tokens.ts';

/** On every answer: nothing of it is kept, and no address of it, which may hold a key, is told to others. */
const ALWAYS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** The largest encoded picture of interfaces that say nothing else. */
const MAX_IMAGE_BYTES: number = 10 * 2 ** 20;

/** Answers without a body. */
const EMPTY: readonly number[] = [204, 304];

/** A request on its way: the path behind base path and key, and the interface that answers. */
interface Way {
  readonly path: string;
  readonly url: URL;
  readonly pathKey?: string;
}

/** Serves interfaces over one instance. */
export class RestServer {
  readonly #nf: NearFace;
  readonly #options: ResolvedRest;
  readonly #dialects: readonly Dialect[];
  readonly #router: Router;
  readonly #tokens: Tokens;
  readonly #links = new LinkKeys();
  readonly #pictures: PictureLimit;

  constructor(nf: NearFace, options: ResolvedRest, dialects: readonly Dialect[]) {
    this.#nf = nf;
    this.#options = options;
    this.#pictures = new PictureLimit(options.maxPictures);
    this.#dialects = [...dialects, documentation(dialects, options)];
    this.#router = new Router(this.#dialects);
    this.#tokens = new Tokens(options.tokens === 'none' ? [] : options.tokens);
  }

  /** Never rejects. */
  async answer(request: Request): Promise<Response> {
    const cors = corsHeaders(this.#options.origins, request);
    if (isPreflight(request)) return preflight(cors);
    const isHead = request.method === 'HEAD';
    const url = new URL(request.url);
    let dialect = this.#dialects.at(-1) as Dialect;
    let [path, route] = ['', undefined as string | undefined];
    const started = performance.now();
    const told = (response: Response, cause?: unknown): Response => {
      const { status } = response;
      const facts = { api: dialect.name, method: request.method, status, ms: performance.now() - started };
      const error = status < 500 ? undefined : kindOf(cause);
      try {
        const about = { ...(route !== undefined && { route }), ...(error !== undefined && { error }) };
        this.#options.onAnswered?.({ ...facts, ...about });
      } catch {
        // Whoever listens has failed, not the call.
      }
      return response;
    };
    try {
      const way = this.#wayOf(url);
      path = way.path;
      dialect = this.#dialects.find(({ prefix }) => prefix.test(way.path)) ?? dialect;
      const found = this.#find(isHead ? 'GET' : request.method, way.path, (one) => (dialect = one));
      route = found.route.path;
      return told(responseOf(await this.#run(request, way, found), cors, isHead));
    } catch (error) {
      const refusal = refusalOf(dialect, problemOf(error, dialect.names), path);
      return told(responseOf(refusal, cors, isHead), error);
    }
  }

  #wayOf(url: URL): Way {
    const path = behind(this.#options.basePath, plainPath(url.pathname));
    if (path === undefined) throw unknownPath();
    const { path: rest, key } = splitKey(path);
    return { path: rest, url, ...(key !== undefined && { pathKey: key }) };
  }

  #find(method: string, path: string, isOf: (dialect: Dialect) => void): Found {
    const allowed = this.#router.allowed(path);
    if (allowed) isOf(allowed.dialect);
    const found = this.#router.find(method, path);
    if (found) {
      isOf(found.dialect);
      return found;
    }
    if (!allowed) throw unknownPath();
    const message = `${method} is not understood here; these are: ${allowed.methods.join(', ')}`;
    const headers = { Allow: allowed.methods.join(', ') };
    throw new RestError({ status: 405, code: 'METHOD_NOT_ALLOWED', message, headers });
  }

  async #run(request: Request, way: Way, found: Found): Promise<Reply> {
    const { route, dialect } = found;
    const token = await this.#authenticate(request, way, found);
    if (!route.isOpen) await this.#limit(token);
    const { maxImageBytes = dialect.maxImageBytes ?? MAX_IMAGE_BYTES } = this.#options;
    const options = { ...this.#options, maxImageBytes };
    const search = dialect.mendQuery ? dialect.mendQuery(way.url.search) : way.url.searchParams;
    const input = await readInput(route, request, search, found.params, options.maxBodyBytes);
    const { signal } = request;
    const place = this.#pictures.place();
    const call: Call = {
      ...{ nf: this.#nf, options, request, url: way.url, path: way.path, signal, token, ...input },
      params: input.params as Readonly<Record<string, string>>,
      async picture(given, param) {
        place.take();
        return readPicture(given, param, options, signal);
      },
      link: (path) => `${options.publicUrl ?? way.url.origin}${options.basePath}${path}`,
      pictureKey: async (what) => this.#links.of(what),
    };
    try {
      return await route.run(call as Parameters<typeof route.run>[0]);
    } finally {
      place.leave();
    }
  }

  /** @throws RestError 429 */
  async #limit(token: RestToken | undefined): Promise<void> {
    const { limitRate, tokens } = this.#options;
    if (!limitRate) return;
    const place = token && tokens !== 'none' ? tokens.indexOf(token) : -1;
    const ms = await limitRate(place);
    if (!(ms > 0)) return;
    const seconds = Math.ceil(ms / 1000);
    const message = `Too many calls with this key; call again in ${seconds} s`;
    const headers = { 'Retry-After': String(seconds) };
    throw new RestError({ status: 429, code: 'TOO_MANY_REQUESTS', message, headers });
  }

  /** @throws RestError 401 */
  async #authenticate(request: Request, way: Way, found: Found): Promise<RestToken | undefined> {
    const { route, dialect, params } = found;
    if (this.#options.tokens === 'none' || route.isOpen) return undefined;
    const { pathKey } = way;
    if (pathKey !== undefined && route.linkOf && (await this.#links.opens(pathKey, route.linkOf(params))))
      return undefined;
    const inPath = pathKey ?? (route.keyParam === undefined ? undefined : params[route.keyParam]);
    const signed = inPath === undefined ? dialect.identify : undefined;
    if (signed) {
      const { now } = this.#options;
      const find = (key: string): Promise<RestToken | undefined> => this.#tokens.find(key);
      const token = await signed({ request, url: way.url, find, nowMs: now() });
      if (token) return token;
    }
    const key = inPath ?? keyOf(request, way.url, dialect.keys);
    if (key === undefined) throw unauthorised(true);
    const token = await this.#tokens.find(key);
    if (!token || (inPath !== undefined && token.inPath !== true)) throw unauthorised(false);
    // Where requests are signed, the key alone, which stands in each of them, opens nothing.
    if (signed && token.secret !== undefined) throw unauthorised(false);
    return token;
  }
}

function unknownPath(): RestError {
  return new RestError({ status: 404, code: 'NOT_FOUND', message: 'Nothing is served at this path' });
}

function refusalOf(dialect: Dialect, problem: Problem, path: string): Reply {
  const reply = dialect.refuse(problem, path);
  return { status: problem.status, ...reply, headers: { ...problem.headers, ...reply.headers } };
}

function responseOf(reply: Reply, cors: Readonly<Record<string, string>>, isHead: boolean): Response {
  const { status = 200, json, content, headers } = reply;
  const type = content?.type ?? (json === undefined ? undefined : 'application/json; charset=UTF-8');
  const data = content?.data ?? (json === undefined ? undefined : JSON.stringify(json));
  const body = isHead || EMPTY.includes(status) ? null : (data ?? null);
  const all = { ...ALWAYS, ...(type !== undefined && { 'Content-Type': type }), ...headers, ...cors };
  return new Response(body, { status, headers: all });
}
