import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { chromiumArgs, findChromium } from '../chromium.ts';

/** What a start need not do, and what it need not start a process for: a fifth of its time. */
const QUICK_ARGS = [
  '--headless',
  '--disable-gpu',
  '--in-process-gpu',
  '--enable-features=NetworkServiceInProcess2',
  '--disable-extensions',
  '--disable-breakpad',
  '--no-default-browser-check',
  '--password-store=basic',
];

/** Its last processes are waited for so long: a dead one that nobody collects counts as there. */
const GONE_LOOKS = 50;
const GONE_LOOK_MS = 5;

/** A Chromium on a profile of its own, which can die at any moment. */
export class DoomedBrowser {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #killIfAlive = (): void => this.#signalAll();

  private constructor(executable: string, args: readonly string[], temporary: string) {
    const env = { ...process.env, TMPDIR: temporary };
    // A process group of its own: the browser, and every process that it starts, gets one signal.
    this.#process = spawn(executable, args, { detached: true, stdio: 'ignore', env });
    this.#ended = new Promise((done) => {
      this.#process.once('exit', () => done());
      this.#process.once('error', () => done());
    });
    process.once('exit', this.#killIfAlive);
  }

  /** Starts it on a page. No protocol of automation: its connecting would take half of a round's time. */
  static start(profile: string, url: string): DoomedBrowser {
    const executable = findChromium();
    if (!executable) throw new Error('there is no Chromium; set CHROMIUM to the path of one');
    const args = [...chromiumArgs, ...QUICK_ARGS, `--user-data-dir=${profile}`, url];
    // What it leaves in the temp folder goes with the profile.
    return new DoomedBrowser(executable, args, profile);
  }

  /** Ends all of its processes at once, by SIGKILL; resolves when all are gone. Safe to call twice. */
  async kill(): Promise<void> {
    this.#signalAll();
    await this.#ended;
    // The databases belong to a process of their own: while it dies, the next browser would find their files locked.
    for (let i = 0; i < GONE_LOOKS && this.#isGroupThere(); i++) await setTimeout(GONE_LOOK_MS);
    process.off('exit', this.#killIfAlive);
  }

  #isGroupThere(): boolean {
    const { pid } = this.#process;
    if (pid === undefined) return false;
    try {
      return process.kill(-pid, 0);
    } catch {
      return false;
    }
  }

  #signalAll(): void {
    const { pid } = this.#process;
    if (pid === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
