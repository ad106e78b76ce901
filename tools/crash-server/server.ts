import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The command that users start. */
const COMMAND = fileURLToPath(new URL('../../bin/nearface.js', import.meta.url));

/** How long a server may take to listen. */
const START_MS = 120_000;

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

  /** Starts one. @param place - `--data FOLDER` or `--database-url URL` */
  static async start(place: readonly string[]): Promise<ServerProcess> {
    const env = { ...process.env, DATABASE_URL: '', NEARFACE_TOKEN: '' };
    const args = [COMMAND, 'serve', '--port', '0', '--token', 'none', ...place];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    // It is not to outlive this process.
    const end = (): void => void child.kill('SIGKILL');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    const lines = { text: '' };
    const url = await new Promise<string>((listening, failed) => {
      const take = (text: string): void => {
        lines.text = `${lines.text}${text}`.slice(-20_000);
        const [, found] = /Listening on (\S+)/.exec(lines.text) ?? [];
        if (found !== undefined) listening(found);
      };
      child.stdout.setEncoding('utf8').on('data', take);
      child.stderr.setEncoding('utf8').on('data', take);
      child.once('exit', () => failed(new Error(`the server did not start:\n${lines.text}`)));
      const late = setTimeout(() => {
        child.kill('SIGKILL');
        failed(new Error(`the server did not listen within ${START_MS} ms:\n${lines.text}`));
      }, START_MS);
      late.unref();
    });
    return new ServerProcess(child, url, lines);
  }

  /** The last that it said. */
  get said(): string {
    return this.#lines.text;
  }

  /** Ends it without a word. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
  }
}
