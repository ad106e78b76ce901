import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { surroundings } from '../tools/server-process.ts';
import { photos } from './consumer.ts';

/** A server started by its command. */
export interface Started {
  readonly url: string;
  readonly key: string;
  readonly process: ChildProcess;
  /** What it has told people, and its log. */
  lines(): string;
  log(): string;
}

const COMMAND = ['bin/nearface.js', 'serve', '--port', '0'];

/** Starts `nearface serve`; `nodeFlags` are Node's own. */
export function start(flags: readonly string[], nodeFlags: readonly string[] = []): ChildProcess {
  const args = [...nodeFlags, ...COMMAND, ...flags];
  const child = spawn(process.execPath, args, { env: surroundings(), stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  return child;
}

/** The same, once it listens. */
export async function started(flags: readonly string[], nodeFlags: readonly string[] = []): Promise<Started> {
  const child = start(flags, nodeFlags);
  let [lines, log] = ['', ''];
  child.stderr!.on('data', (text: string) => (log += text));
  for await (const text of child.stdout!.iterator({ destroyOnReturn: false })) {
    lines += text;
    if (lines.includes('Listening on')) break;
  }
  child.stdout!.on('data', (text: string) => (lines += text));
  const url = /Listening on (\S+)/.exec(lines)?.[1];
  if (url === undefined) throw new Error(`The server did not start:\n${lines}${log}`);
  const key = /the key of this run is (\S+)/.exec(lines)?.[1] ?? '';
  return { url, key, process: child, lines: () => lines, log: () => log };
}

/** Stops a server; answers its exit code. */
export async function end(server: Started): Promise<number> {
  if (server.process.exitCode === null) {
    const exit = once(server.process, 'exit');
    // A second one would end it at once.
    if (!server.process.killed) server.process.kill('SIGTERM');
    await exit;
  }
  return server.process.exitCode ?? -1;
}

/** A form with a sample photo. */
export async function detectForm(name: string): Promise<FormData> {
  const form = new FormData();
  form.append('photo', new Blob([await readFile(join(photos, name))], { type: 'image/jpeg' }), name);
  return form;
}
