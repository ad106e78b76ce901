import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The command that users start. */
const COMMAND = fileURLToPath(new URL('../bin/nearface.js', import.meta.url));

/** How long a server may take to listen. */
const START_MS = 120_000;

/**
 * What a command is told by its surroundings: nothing of the databases that tests of databases use, nor of colours, of which Playwright wants
 * some and CI none: Node warns of both at once, on the stream of a log.
 */
export function surroundings(): NodeJS.ProcessEnv {
  const { FORCE_COLOR: _force, NO_COLOR: _no, ...env } = process.env;
  return { ...env, DATABASE_URL: '', NEARFACE_TOKEN: '' };
}

/** `nearface serve` as a process of its own. */
export class ServerProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #lines: { text: string };

  private constructor(child: ChildProcess, url: string, lines: { text: string }) {
    this.#child = child;
    this.url = url;
    this.#lines = lines;
  }

  /**
   * Starts one that asks for no key.
   *
   * @param flags - further ones, as `--data FOLDER` or `--database-url URL`
   * @param logFile - where its log is written; else it is read, which takes time where much is asked of it
   */
  static async start(
    flags: readonly string[],
    { logFile }: { readonly logFile?: string } = {},
  ): Promise<ServerProcess> {
    const args = [COMMAND, 'serve', '--port', '0', '--token', 'none', ...flags];
    const stdio = ['ignore', 'pipe', logFile === undefined ? 'pipe' : openSync(logFile, 'w')] as const;
    const child = spawn(process.execPath, args, { env: surroundings(), stdio: [...stdio] });
    // It is not to outlive this process.
    const end = (): void => void child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    const lines = { text: '' };
    let late: NodeJS.Timeout | undefined;
    const url = await new Promise<string>((listening, failed) => {
      const take = (text: string): void => {
        lines.text = `${lines.text}${text}`.slice(-20_000);
        const [, found] = /Listening on (\S+)/.exec(lines.text) ?? [];
        if (found !== undefined) listening(found);
      };
      child.stdout?.setEncoding('utf8').on('data', take);
      child.stderr?.setEncoding('utf8').on('data', take);
      child.once('exit', () => failed(new Error(`the server did not start:\n${lines.text}`)));
      late = setTimeout(() => {
        child.kill('SIGKILL');
        failed(new Error(`the server did not listen within ${START_MS} ms:\n${lines.text}`));
      }, START_MS);
    }).finally(() => clearTimeout(late));
    return new ServerProcess(child, url, lines);
  }

  /** How it ended; undefined while it runs. */
  get ended(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    return signalCode ?? (exitCode === null ? undefined : `exit code ${exitCode}`);
  }

  /** The last that it said. */
  get said(): string {
    return this.#lines.text;
  }

  /** Ends it without a word. */
  kill(): Promise<void> {
    return this.#end('SIGKILL');
  }

  /** Ends it once it has answered what is under way. */
  stop(): Promise<void> {
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.ended !== undefined) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exit;
  }
}
