import { badParam } from '../core/errors.ts';

/** Longest pattern; and most alternatives that its braces make. */
const MAX_LENGTH = 256;
const MAX_ALTERNATIVES = 64;

/** A part of a pattern: a letter, `?`, `*` within a name, or `**` with the slash behind it, any folders. */
type Token = { readonly any: 'letter' | 'name' | 'folders' | 'all' } | { readonly letter: string };

/** Whether a path is meant. */
export type PathMatcher = (path: string) => boolean;

/**
 * Reads a pattern of paths: `*` stands for any letters but a slash, `?` for one of them, `**` for any folders, `{jpg,png}` for either.
 * Upper and lower case are the same, as cameras write both. Linear in pattern times path.
 *
 * @throws NearFaceError `BAD_PARAM` naming `param`
 */
export function pathMatcher(pattern: unknown, param: string): PathMatcher {
  if (typeof pattern !== 'string' || pattern === '' || pattern.length > MAX_LENGTH)
    throw badParam(param, pattern, `a pattern of at most ${MAX_LENGTH} characters, such as '**/*.jpg'`);
  const alternatives = expand(pattern.normalize('NFC').toLowerCase());
  if (!alternatives || alternatives.length > MAX_ALTERNATIVES)
    throw badParam(param, pattern, `a pattern whose braces are closed and make at most ${MAX_ALTERNATIVES}`);
  const all = alternatives.map(tokensOf);
  return (path) => {
    const lower = path.normalize('NFC').toLowerCase();
    return all.some((tokens) => matches(tokens, lower));
  };
}

/** The patterns without braces that one stands for; nothing where they are not closed. */
function expand(pattern: string): readonly string[] | undefined {
  const open = pattern.indexOf('{');
  if (open < 0) return pattern.includes('}') ? undefined : [pattern];
  let depth = 0;
  const parts: string[] = [];
  let from = open + 1;
  for (let i = open; i < pattern.length; i++) {
    const letter = pattern[i];
    if (letter === '{') depth++;
    if (letter === ',' && depth === 1) {
      parts.push(pattern.slice(from, i));
      from = i + 1;
    }
    if (letter !== '}' || --depth > 0) continue;
    parts.push(pattern.slice(from, i));
    const [before, after] = [pattern.slice(0, open), pattern.slice(i + 1)];
    const all: string[] = [];
    for (const part of parts) {
      const inner = expand(before + part + after);
      if (!inner || all.length + inner.length > MAX_ALTERNATIVES) return inner && [...all, ...inner];
      all.push(...inner);
    }
    return all;
  }
  return undefined;
}

function tokensOf(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  for (const part of pattern.match(/\*\*\/|\*+|[^*]/gsu) ?? []) {
    if (part === '**/') tokens.push({ any: 'folders' });
    else if (part.startsWith('**')) tokens.push({ any: 'all' });
    else if (part === '*') tokens.push({ any: 'name' });
    else if (part === '?') tokens.push({ any: 'letter' });
    else tokens.push({ letter: part });
  }
  return tokens;
}

/** Follows all ways through the pattern at once. */
function matches(tokens: readonly Token[], path: string): boolean {
  let at = closed(tokens, new Set([0]), true);
  for (const letter of path) {
    const next = new Set<number>();
    for (const i of at) {
      const token = tokens[i];
      if (!token) continue;
      if ('letter' in token) {
        if (token.letter === letter) next.add(i + 1);
      } else if (token.any === 'letter') {
        if (letter !== '/') next.add(i + 1);
      } else if (token.any !== 'name' || letter !== '/') next.add(i);
    }
    at = closed(tokens, next, letter === '/');
    if (at.size === 0) return false;
  }
  return at.has(tokens.length);
}

/** With the places that are reached without a letter; behind folders only where a name begins. */
function closed(tokens: readonly Token[], places: Set<number>, isBeginning: boolean): Set<number> {
  for (const i of places) {
    const token = tokens[i];
    if (!token || !('any' in token) || token.any === 'letter') continue;
    if (token.any !== 'folders' || isBeginning) places.add(i + 1);
  }
  return places;
}
