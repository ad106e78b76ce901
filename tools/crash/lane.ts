import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../bench/detection/random.ts';
import { DoomedBrowser } from './browser.ts';
import type { Desk } from './desk.ts';
import { apply, EMPTY, type Found, judge, type State } from './model.ts';
import { describe, type Operation } from './operation.ts';
import { Operations } from './operations.ts';
import type { Stage } from './protocol.ts';

/** The latest moment of a kill, in milliseconds after the first operation was handed out. */
const LATEST_KILL_MS = 400;

/** Share of kills that come at once with an acknowledgement; the others come at any moment. */
const AT_ONCE = 0.3;

/** How long a browser may take to start and a page to read the whole store. */
const OPEN_TIMEOUT_MS = 30_000;

/** Faults of a kind that are printed. */
const MOST_FAULTS = 12;

/** What a lane has seen. */
export interface Tally {
  kills: number;
  acknowledged: number;
  /** Kills with an operation in flight. */
  inside: number;
  /** Of these operations, those that were there after the kill, and those that were not. */
  done: number;
  undone: number;
  /** Databases that the browser threw away because it found its own files damaged. */
  discarded: number;
  /** Browsers that had not opened the database in time, and were started anew. */
  late: number;
  lost: number;
  torn: number;
  /** Photos of jobs whose faces were enrolled twice. */
  doubled: number;
}

/** How a browser's life ended: as it should, with a fault of the store's, or before it had opened the database. */
type End = 'well' | 'fault' | 'late';

/** A database in a profile of its own, and what should be in it, across the deaths of its browsers. */
export class Lane {
  readonly tally: Tally = {
    kills: 0,
    acknowledged: 0,
    inside: 0,
    done: 0,
    undone: 0,
    discarded: 0,
    late: 0,
    lost: 0,
    torn: 0,
    doubled: 0,
  };
  /** Acknowledged operations, and those in flight at a kill, by kind. */
  readonly kinds: Map<Operation['kind'], { acknowledged: number; inside: number }> = new Map();
  readonly #seed: number;
  readonly #site: string;
  readonly #desk: Desk;
  readonly #random: Random;
  readonly #operations: Operations;
  #acknowledged: State = EMPTY;
  #inFlight: Operation | undefined;
  /** Since the last store that was as it should be. */
  #log: string[] = [];

  /** @param site - the page's address */
  constructor(seed: number, site: string, desk: Desk) {
    this.#seed = seed;
    this.#site = site;
    this.#desk = desk;
    this.#random = new Random(seed);
    this.#operations = new Operations(new Random(seed ^ 0x5eed));
  }

  /** Kills so many browsers at work; looks at the store before each, and after the last. Ends at the first fault. */
  async run(kills: number): Promise<void> {
    const profile = await mkdtemp(join(tmpdir(), 'nearface-crash-'));
    // In a database that has a fault, each further one would be doubtful.
    for (let round = 0; round <= kills; round++) {
      let end = await this.#round(profile, round < kills);
      // A browser that comes to nothing has shown nothing of the store; the next one has to.
      if (end === 'late') end = await this.#round(profile, round < kills);
      if (end === 'late') this.#fail(`no open database within ${OPEN_TIMEOUT_MS} ms, twice`);
      if (end !== 'well') {
        console.error(`the browser's profile is kept in ${profile}`);
        return;
      }
    }
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }

  /** One browser's life: the store is looked at, and then worked on until the kill. */
  async #round(profile: string, work: boolean): Promise<End> {
    let end: (how: End) => void = () => undefined;
    const over = new Promise<End>((done) => (end = done));
    let reached: Stage | undefined;
    const late = setTimeout(() => end(this.#giveUp(reached)), OPEN_TIMEOUT_MS);
    let kill: NodeJS.Timeout | undefined;
    let killAfter = Infinity;
    const page = this.#desk.listen((report) => {
      switch (report.kind) {
        case 'reached':
          reached = report.stage;
          return null;
        case 'failed':
          end(this.#fail(report.why));
          return undefined;
        case 'found':
          clearTimeout(late);
          if (!this.#isWell(report.found) || !work) {
            end(this.tally.lost + this.tally.torn + this.tally.doubled === 0 ? 'well' : 'fault');
            return undefined;
          }
          if (this.#random.next() < AT_ONCE) killAfter = this.#random.below(6);
          else kill = setTimeout(() => end('well'), LATEST_KILL_MS * this.#random.next() ** 2);
          return this.#handOut();
        case 'done':
          this.#acknowledge();
          if (killAfter-- === 0) {
            end('well');
            return undefined;
          }
          return this.#handOut();
      }
    });
    const browser = DoomedBrowser.start(profile, `${this.#site}/?desk=${encodeURIComponent(page.url)}`);
    const how = await over;
    await browser.kill();
    page.close();
    clearTimeout(late);
    clearTimeout(kill);
    if (how === 'well' && work) this.#countKill();
    return how;
  }

  #handOut(): Operation {
    this.#inFlight = this.#operations.next(this.#acknowledged);
    this.#log.push(describe(this.#inFlight));
    return this.#inFlight;
  }

  #acknowledge(): void {
    if (!this.#inFlight) throw new Error('the page acknowledges what it was not told to do');
    this.#acknowledged = apply(this.#acknowledged, this.#inFlight);
    this.#count(this.#inFlight, 'acknowledged');
    this.#inFlight = undefined;
    this.tally.acknowledged++;
    this.#log.push('  acknowledged');
  }

  #countKill(): void {
    this.tally.kills++;
    if (this.#inFlight) {
      this.tally.inside++;
      this.#count(this.#inFlight, 'inside');
    }
    this.#log.push(this.#inFlight ? '  in flight when the browser was killed' : 'killed');
  }

  #count({ kind }: Operation, what: 'acknowledged' | 'inside'): void {
    const counted = this.kinds.get(kind) ?? { acknowledged: 0, inside: 0 };
    this.kinds.set(kind, { ...counted, [what]: counted[what] + 1 });
  }

  /** Whether the reopened store is as it should be; goes on from there. */
  #isWell(found: Found): boolean {
    if (found.discarded !== undefined) this.#startAnew(found.discarded);
    const { lost, torn, doubled, inFlight, state } = judge(this.#acknowledged, this.#inFlight, found);
    this.tally.lost += lost.length;
    this.tally.torn += torn.length;
    this.tally.doubled += doubled.length;
    if (lost.length + torn.length + doubled.length > 0) {
      this.#print('lost', lost);
      this.#print('torn', torn);
      this.#print('doubled', doubled);
      this.#printLog();
      return false;
    }
    if (inFlight !== 'same') this.tally[inFlight]++;
    this.#acknowledged = state;
    this.#inFlight = undefined;
    this.#log = [];
    return true;
  }

  /** That is no fault of the store's, which could do nothing about it; but the new one must be empty and whole. */
  #startAnew(why: string): void {
    console.error(
      `seed ${this.#seed}, after kill ${this.tally.kills}: the browser threw the database away: ${why}`,
    );
    this.tally.discarded++;
    this.#acknowledged = EMPTY;
    this.#inFlight = undefined;
  }

  /** A store that cannot be read, or refuses what it must accept, is torn. */
  #fail(why: string): 'fault' {
    this.tally.torn++;
    this.#print('torn', [why]);
    this.#printLog();
    return 'fault';
  }

  /** Until the database is open it is the browser that works; from then on it is the store. */
  #giveUp(reached: Stage | undefined): End {
    const what = `${OPEN_TIMEOUT_MS} ms after its start the browser had reached ${reached ?? 'nothing'}`;
    if (reached === 'database' || reached === 'galleries') return this.#fail(what);
    console.error(`seed ${this.#seed}, after kill ${this.tally.kills}: ${what}; it is started anew`);
    this.tally.late++;
    return 'late';
  }

  #print(kind: 'lost' | 'torn' | 'doubled', faults: readonly string[]): void {
    for (const fault of faults.slice(0, MOST_FAULTS)) console.error(`${kind}: ${fault.slice(0, 400)}`);
    if (faults.length > MOST_FAULTS) console.error(`${kind}: … ${faults.length} in all`);
  }

  #printLog(): void {
    const { kills } = this.tally;
    console.error(`seed ${this.#seed}, after kill ${kills}; since the last look that found all well:`);
    for (const line of this.#log) console.error(`  ${line}`);
  }
}
