import type { Library } from './library.ts';
import { serveCommand } from './serve.ts';
import { tokenCommand } from './token.ts';
import { UsageError } from './usage.ts';

export type { Library } from './library.ts';

const USAGE = `nearface COMMAND

  serve     answers over HTTP, as existing face services do
            --port 8000  --host 127.0.0.1  --base-path /faces
            --data FOLDER (default: nearface-data)  or --database-url postgres://…  or --memory
            --keep crops (or none, photos)
            --token KEY (again for more; none: no key is asked for; default: one is made and printed)
            --apis compreface,findface  --origin https://app.example (again for more)
            --tls-cert FILE --tls-key FILE
            --max-calls 64 (at a time)  --rate 600 (a minute and key)  --people (faces are put together to people)
  token     prints a new random key  [--short]
  help      prints this`;

/**
 * Runs a command line of `nearface`.
 *
 * @param args - without the program's own name
 * @param load - loads the library, for commands that need it
 * @param print - takes lines for people
 * @returns the exit code: 0, or 2 where the command line is wrong
 */
export async function main(
  args: readonly string[],
  load: () => Promise<Library>,
  print: (line: string) => void = console.log,
): Promise<number> {
  const [command = 'help', ...rest] = args;
  try {
    if (command === 'serve') return await serveCommand(rest, load, print);
    if (command === 'token') return tokenCommand(rest, print);
    if (['help', '--help', '-h'].includes(command)) return (print(USAGE), 0);
    throw new UsageError(`${command} is no command`);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    print(`nearface ${command}: ${error.message}\n\n${USAGE}`);
    return 2;
  }
}
