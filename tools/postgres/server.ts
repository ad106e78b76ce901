import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { Binaries } from './binaries.ts';

const exec = promisify(execFile);

/** How long a PostgreSQL may take to answer after its start, crash recovery included. */
const START_MS = 60_000;
const PAUSE_MS = 50;

/** A port of this machine that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** A PostgreSQL of its own, in a temporary folder, on loopback. It ends with this process. */
export class PostgresServer {
  readonly port: number;
  readonly #binaries: Binaries;
  readonly #folder: string;
  #settings: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(binaries: Binaries, folder: string, port: number, settings: readonly string[]) {
    this.#binaries = binaries;
    this.#folder = folder;
    this.port = port;
    this.#settings = settings;
  }

  /** Makes and starts one. @param settings - as in `synchronous_commit=on` */
  static async create(binaries: Binaries, settings: readonly string[] = []): Promise<PostgresServer> {
    const made = new PostgresServer(binaries, await newFolder(binaries), await freePort(), settings);
    await made.#run('initdb', ['-D', made.#data, '-A', 'trust', '-U', 'postgres', '--no-sync']);
    await made.start();
    return made;
  }

  /** Makes and starts a standby that follows this one. */
  async createStandby(settings: readonly string[] = []): Promise<PostgresServer> {
    const folder = await newFolder(this.#binaries);
    const made = new PostgresServer(this.#binaries, folder, await freePort(), settings);
    const from = `host=127.0.0.1 port=${this.port} user=postgres application_name=standby`;
    await this.#run('pg_basebackup', ['-D', made.#data, '-d', from, '-R', '-X', 'stream', '--no-sync']);
    await made.start();
    return made;
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  get #data(): string {
    return join(this.#folder, 'data');
  }

  /** Starts it, and waits until it answers. What an earlier one has left may still be ending. */
  async start(): Promise<void> {
    const until = performance.now() + START_MS;
    for (this.#spawn(); !(await this.#answers()); await later(PAUSE_MS)) {
      if (performance.now() > until) throw new Error(`PostgreSQL does not answer on port ${this.port}`);
      if (this.#process?.exitCode !== null || this.#process.signalCode !== null) this.#spawn();
    }
  }

  #spawn(): void {
    const fixed = [`listen_addresses=127.0.0.1`, `unix_socket_directories=${this.#folder}`];
    const settings = [...fixed, ...this.#settings].flatMap((setting) => ['-c', setting]);
    const args = ['-D', this.#data, '-p', String(this.port), ...settings];
    const { runAs, folder } = this.#binaries;
    const child = spawn(join(folder, 'postgres'), args, { ...runAs, cwd: this.#folder, stdio: 'ignore' });
    const end = (): void => void child.kill('SIGQUIT');
    process.once('exit', end);
    child.once('exit', () => process.off('exit', end));
    this.#process = child;
  }

  async #answers(): Promise<boolean> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    return client.connect().then(
      () => client.end().then(() => true),
      () => false,
    );
  }

  /** Asks it for the first column of the first row. */
  async ask(text: string): Promise<unknown> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      const { rows } = await client.query<unknown[]>({ text, rowMode: 'array' });
      return rows[0]?.[0];
    } finally {
      await client.end();
    }
  }

  /** Kills it without a word (`kill -9`), or lets it end at once without writing anything (`immediate`). */
  async crash(how: 'kill -9' | 'immediate'): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const exit = once(running, 'exit');
    running.kill(how === 'kill -9' ? 'SIGKILL' : 'SIGQUIT');
    await exit;
  }

  /** Makes a standby the primary. Waits until it takes changes. */
  async promote(): Promise<void> {
    await this.#run('pg_ctl', ['promote', '-w', '-D', this.#data]);
  }

  /** Ends it and deletes its folder. */
  async drop(): Promise<void> {
    await this.crash('immediate');
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  async #run(program: string, args: readonly string[]): Promise<void> {
    const { runAs, folder } = this.#binaries;
    await exec(join(folder, program), [...args], { ...runAs, cwd: this.#folder });
  }
}

async function newFolder({ runAs }: Binaries): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nearface-postgres-'));
  if (runAs) await chown(folder, runAs.uid, runAs.gid);
  return folder;
}
