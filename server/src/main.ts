import { ENROL_USAGE } from './enrol-options.ts';
import { enrolCommand } from './enrol.ts';
import { IDENTIFY_USAGE, identifyCommand } from './identify.ts';
import type { Library } from './library.ts';
import { SERVE_USAGE } from './serve-options.ts';
import { serveCommand } from './serve.ts';
import { TOKEN_USAGE, tokenCommand } from './token.ts';
import { inFlags } from './database-options.ts';
import { CannotRun, UsageError } from './usage.ts';

export type { Library } from './library.ts';

type Print = (line: string) => void;

/** A word of the command line, and what it does. */
interface Command {
  readonly usage: string;
  readonly run: (
    args: readonly string[],
    load: () => Promise<Library>,
    print: Print,
  ) => number | Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  serve: { usage: SERVE_USAGE, run: serveCommand },
  enrol: { usage: ENROL_USAGE, run: enrolCommand },
  identify: { usage: IDENTIFY_USAGE, run: identifyCommand },
  token: { usage: TOKEN_USAGE, run: (args, _load, print) => tokenCommand(args, print) },
};

const USAGE = `nearface COMMAND

  serve      answers over HTTP, as existing face services do
  enrol      enrols the photos of folders and zips
  identify   tells who is in a photo
  token      prints a new random key
  help       prints this; nearface COMMAND --help prints what a command takes`;

/**
 * Runs a command line of `nearface`.
 *
 * @param args - without the program's own name
 * @param load - loads the library, for commands that need it
 * @param print - takes lines for people
 * @returns the exit code: 2 where the command line is wrong, or the library refused
 */
export async function main(
  args: readonly string[],
  load: () => Promise<Library>,
  print: Print = console.log,
): Promise<number> {
  const [name = 'help', ...rest] = args;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  const isHelp = ['help', '--help', '-h'].includes(name);
  if (!command) {
    if (!isHelp) print(`nearface: ${name} is no command\n`);
    print(USAGE);
    return isHelp ? 0 : 2;
  }
  if (rest.some((word) => word === '--help' || word === '-h')) return (print(command.usage), 0);
  try {
    return await command.run(rest, load, print);
  } catch (error) {
    if (error instanceof UsageError) {
      print(`nearface ${name}: ${error.message}\n\n${command.usage}`);
      return 2;
    }
    if (!(error instanceof CannotRun) && (error as Error | undefined)?.name !== 'NearFaceError') throw error;
    print(`nearface ${name}: ${inFlags((error as Error).message)}`);
    return 2;
  }
}
