import { TrieRouter } from 'hono/router/trie-router';
import { wrongField } from './problem.ts';
import type { Dialect, Method, Route } from './route.ts';

/** Every method that a route may have. */
const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** A route and whose it is. */
interface Entry {
  readonly dialect: Dialect;
  readonly route: Route;
}

/** What a path leads to. */
export interface Found extends Entry {
  /** Parts of the path by name, decoded once. */
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a path. Where several fit, the interface that stands first in the list has it. */
export class Router {
  readonly #trie = new TrieRouter<Entry>();

  constructor(dialects: readonly Dialect[]) {
    for (const dialect of dialects)
      for (const route of dialect.routes) this.#trie.add(route.method, route.path, { dialect, route });
  }

  /** @throws RestError `BAD_PARAM` for escapes in the path that are none */
  find(method: string, path: string): Found | undefined {
    const [[match] = []] = this.#trie.match(method, path);
    if (!match) return undefined;
    const [entry, raw] = match as unknown as [Entry, Readonly<Record<string, string>>];
    const params = Object.entries(raw).map(([name, value]) => [name, decoded(name, value)] as const);
    return { ...entry, params: Object.fromEntries(params) };
  }

  /** The methods that a path knows, and the interface whose it is; none where nobody knows it. */
  allowed(path: string): { readonly methods: readonly string[]; readonly dialect: Dialect } | undefined {
    const known = METHODS.flatMap((method) => {
      const [[match] = []] = this.#trie.match(method, path);
      return match ? [{ method, entry: match[0] }] : [];
    });
    const [first] = known;
    if (!first) return undefined;
    const methods = known.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
    return { methods, dialect: first.entry.dialect };
  }
}

function decoded(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw wrongField(name, value, 'text with complete percent escapes of UTF-8');
  }
}

/** A path of which doubled slashes and the one at its end are gone. */
export function plainPath(pathname: string): string {
  const single = pathname.replaceAll(/\/{2,}/g, '/');
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
}

/** A path behind the base path; undefined where it does not begin with it. */
export function behind(basePath: string, path: string): string | undefined {
  if (basePath === '') return path;
  if (path === basePath) return '/';
  return path.startsWith(`${basePath}/`) ? path.slice(basePath.length) : undefined;
}

/** Takes a key in front of a path (`/t/KEY/…`) apart. */
export function splitKey(path: string): { readonly path: string; readonly key?: string } {
  const [, key, rest] = /^\/t\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  return key === undefined ? { path } : { path: rest ?? '/', key };
}
