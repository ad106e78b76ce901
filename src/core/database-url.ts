/** URLs of PostgreSQL, which may name several hosts: `postgres://user@one:5432,two:5432/name`. */

/** What such a URL says. */
export interface DatabaseUrl {
  /** One URL for each host, in their order. */
  readonly urls: readonly string[];
  /** Whether a host that takes no changes, as a standby does, is passed over. */
  readonly isWritten: boolean;
  /** The hosts and the database, without user and password. */
  readonly name: string;
}

/** As in libpq: which host is taken. */
const TARGET = 'target_session_attrs';
const TARGETS: ReadonlyMap<string, boolean> = new Map([
  ['any', false],
  ['read-write', true],
  ['primary', true],
]);

/** Takes a URL apart; nothing where it is none of PostgreSQL, or asks for a host that could not be written to. */
export function parseDatabaseUrl(url: string): DatabaseUrl | undefined {
  const [, scheme = '', authority, rest = ''] = /^(postgres(?:ql)?:\/\/)([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (authority === undefined) return undefined;
  const at = authority.lastIndexOf('@') + 1;
  const hosts = authority.slice(at).split(',');
  const each = hosts.map((host) => `${scheme}${authority.slice(0, at)}${host}${rest}`);
  if (hosts.length > 1 && hosts.includes('')) return undefined;
  if (!each.every((one) => URL.canParse(one))) return undefined;
  const { pathname, searchParams } = new URL(each[0] as string);
  const target = searchParams.get(TARGET) ?? (hosts.length > 1 ? 'read-write' : 'any');
  const isWritten = TARGETS.get(target);
  if (isWritten === undefined) return undefined;
  const name = `postgres://${hosts.join(',')}${pathname}`;
  return { urls: each.map(withoutTarget), isWritten, name };
}

function withoutTarget(text: string): string {
  const url = new URL(text);
  if (!url.searchParams.has(TARGET)) return text;
  url.searchParams.delete(TARGET);
  return url.href;
}
