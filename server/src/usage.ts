import { parseArgs, type ParseArgsConfig } from 'node:util';

/** A command line that cannot be understood; its message says why and what to write. */
export class UsageError extends Error {}

/** What keeps a command from running, though its command line can be; its message says why and what to do. */
export class CannotRun extends Error {}

/** Flags by name, as `parseArgs` takes them. */
export type Flags = NonNullable<ParseArgsConfig['options']>;

/** What flags are, by name. */
export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** The text of a flag that is given once at most. */
export function textOf(values: Values, name: string): string | undefined {
  return values[name] as string | undefined;
}

/** What a command's flags and words are. */
export interface Parsed {
  readonly values: Values;
  readonly words: readonly string[];
}

/** Takes a command line apart. @throws UsageError of flags that are not there, and of words where none are taken */
export function parse(args: readonly string[], options: Flags, mostWords: number = 0): Parsed {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: mostWords > 0 });
    if (positionals.length > mostWords)
      throw new UsageError(`${positionals.slice(mostWords).join(' ')}: too many words`);
    return { values, words: positionals };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError((error as Error).message);
  }
}

/** A whole number that a flag or a variable says. @throws UsageError */
export function wholeNumber(text: string, name: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new UsageError(`${name} must be a whole number from ${least} to ${most}, but is ${text}`);
}

/** The flag that says it in these words. @throws UsageError where it is another word */
export function oneOf<const Word extends string>(text: string, name: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw new UsageError(`${name} must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}, but is ${text}`);
}
