import { spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';

/** How a command ended. */
export interface Outcome {
  readonly code: number;
  /** Standard output and error, as they came. */
  readonly output: string;
  readonly seconds: number;
}

const PATH = [resolve('node_modules/.bin'), process.env['PATH']].join(delimiter);

/** Runs a command line in the repository's root; tools of `node_modules/.bin` are found by name. */
export function run(
  command: string,
  options: { env?: NodeJS.ProcessEnv; echo?: boolean } = {},
): Promise<Outcome> {
  const started = performance.now();
  return new Promise((done) => {
    const child = spawn(command, {
      shell: true,
      env: { ...process.env, PATH, NO_COLOR: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const chunks: Buffer[] = [];
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      if (options.echo) process.stdout.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const end = (code: number): void =>
      done({
        code,
        output: Buffer.concat(chunks).toString(),
        seconds: (performance.now() - started) / 1000,
      });
    child.once('error', (error) => {
      take(Buffer.from(`${error.message}\n`));
      end(127);
    });
    child.once('close', (code) => end(code ?? 1));
  });
}
