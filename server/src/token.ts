import { randomInt } from 'node:crypto';
import { parse } from './usage.ts';

export const TOKEN_USAGE = `nearface token

  prints a new random key of 32 characters

  --short            one of 9, for a server that only this machine reaches`;

const LONG = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';
const SHORT = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** `nearface token [--short]`: prints a new random key. */
export function tokenCommand(args: readonly string[], print: (line: string) => void): number {
  const { values } = parse(args, { short: { type: 'boolean', default: false } });
  print(values['short'] ? shortToken() : newToken());
  return 0;
}

/** 32 characters, of which each has 6 random bits. */
export function newToken(): string {
  return characters(LONG, 32);
}

/** `XXXX-XXXX`: 41 random bits, for a server that only this machine reaches. */
function shortToken(): string {
  return `${characters(SHORT, 4)}-${characters(SHORT, 4)}`;
}

function characters(alphabet: string, count: number): string {
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('');
}
