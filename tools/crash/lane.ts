import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../random.ts';
import { DoomedBrowser } from './browser.ts';
import type { Desk } from './desk.ts';
import { apply, EMPTY, type Found, judge, type State } from './model.ts';
import { describe, KINDS, type Operation } from './operation.ts';
import { Operations } from './operations.ts';
import type { Order, Stage, Tab } from './protocol.ts';

/** The latest moment of a kill, in milliseconds after the first operation was handed out. */
const LATEST_KILL_MS = 400;

/** The same after an operation that takes its time was handed out, before it is known how much. */
const SLOW_KILL_MS = 2500;

/** Kills fall up to here, of the longest time of those of its kind before: some after its end. */
const OF_ITS_TIME = 1.2;

/** Share of kills that come at once with an acknowledgement; the others come at any moment. */
const AT_ONCE = 0.3;

/** How long a browser may take from its start to a page, and from there to each further stage. */
const OPEN_TIMEOUT_MS = 30_000;

/** How long the store may take to be read whole; seconds on a machine that does nothing else, and it is a fault if it is not by then. */
const STORE_TIMEOUT_MS = 240_000;

/** Browsers in a row that may come to nothing: of a start that hangs on a busy machine, the next can hang too. */
const STARTS = 4;

/**
 * What Chromium says when it cannot open the files of the origin's databases, of any of them. It meets damage that a
 * kill left only on the way, throws the files away, and says why at the next start: so the next start is asked.
 */
const REFUSED_BY_BROWSER = 'Internal error opening backing store';

/** So long it may take to throw them away; killed before, it has neither the old files nor new ones, and opens nothing any more. */
const THROWS_AWAY_MS = 5000;

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
  /** Kills that left two physical databases: while one was copied, or before the old one was deleted. */
  copies: number;
  /** Databases that the browser threw away because it found its own files damaged. */
  discarded: number;
  /** Browsers that had not opened the database in time, or not at all, and were started anew. */
  late: number;
  lost: number;
  torn: number;
  /** Photos of jobs whose faces were enrolled twice. */
  doubled: number;
}

/** How a browser's life ended: as it should, with a fault of the store's, or before it had opened the database. */
type End = 'well' | 'fault' | 'late';

/** Whether it is the store that works, and no more the browser. */
const isOpen = (stage: Stage | undefined): boolean => stage === 'database' || stage === 'galleries';

const isExclusive = (kind: Operation['kind']): boolean => KINDS[kind] !== 'together';

/** A database in a profile of its own, and what should be in it, across the deaths of its browsers. */
export class Lane {
  readonly tally: Tally = {
    kills: 0,
    acknowledged: 0,
    inside: 0,
    done: 0,
    undone: 0,
    copies: 0,
    discarded: 0,
    late: 0,
    lost: 0,
    torn: 0,
    doubled: 0,
  };
  /** What was lost, torn or doubled, as it was printed. */
  readonly faults: string[] = [];
  /** Acknowledged operations, and those in flight at a kill, by kind. */
  readonly kinds: Map<Operation['kind'], { acknowledged: number; inside: number }> = new Map();
  readonly #seed: number;
  readonly #site: string;
  readonly #desk: Desk;
  readonly #random: Random;
  readonly #operations: Operations;
  #acknowledged: State = EMPTY;
  /** What each worker of the page is at. */
  readonly #inFlight = new Map<Tab, Operation>();
  /** The longest that an operation which goes alone took until it was acknowledged, in milliseconds, by kind. */
  readonly #longest = new Map<Operation['kind'], number>();
  #handedOutAt = 0;
  readonly #only: Operation['kind'] | undefined;
  /** What waits until nothing else is in flight. */
  #waiting: Operation | undefined;
  readonly #tabs: 1 | 2;
  /** Since the last store that was as it should be. */
  #log: string[] = [];
  /** Why the browsers of this round came to nothing. */
  #whyLate: string[] = [];

  /**
   * @param site - the page's address
   * @param kind - whether one worker works on a database that is encrypted on the way, or two on a plain one
   * @param only - the kind of operations that is handed out whenever it can be, and that kills fall into
   */
  constructor(
    seed: number,
    site: string,
    desk: Desk,
    kind: 'encrypting' | 'two tabs',
    only?: Operation['kind'],
  ) {
    this.#seed = seed;
    this.#site = site;
    this.#desk = desk;
    this.#random = new Random(seed);
    this.#operations = new Operations(new Random(seed ^ 0x5eed), kind === 'encrypting', only);
    this.#only = only;
    this.#tabs = kind === 'encrypting' ? 1 : 2;
  }

  /** Kills so many browsers at work; looks at the store before each, and after the last. Ends at the first fault. */
  async run(kills: number): Promise<void> {
    const profile = await mkdtemp(join(tmpdir(), 'nearface-crash-'));
    // In a database that has a fault, each further one would be doubtful.
    for (let round = 0; round <= kills; round++) {
      let end: End = 'late';
      this.#whyLate = [];
      // A browser that comes to nothing has shown nothing of the store; a next one has to.
      for (let start = 0; start < STARTS && end === 'late'; start++)
        end = await this.#round(profile, round < kills);
      if (end === 'late')
        this.#fail(`${STARTS} starts, no open database: ${this.#whyLate.slice(-2).join('; ')}`);
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
    let late: NodeJS.Timeout | undefined;
    let isFound = false;
    const giveUpIn = (ms: number): void => {
      clearTimeout(late);
      late = setTimeout(() => end(this.#giveUp(reached, ms)), ms);
    };
    giveUpIn(OPEN_TIMEOUT_MS);
    let kill: NodeJS.Timeout | undefined;
    let killAfter = Infinity;
    const killIn = (ms: number): void => {
      if (killAfter !== Infinity) return;
      clearTimeout(kill);
      kill = setTimeout(() => end('well'), ms);
    };
    const page = this.#desk.listen((report) => {
      switch (report.kind) {
        case 'reached':
          // A database that is dropped at work is opened anew, and the store has its time once.
          if (!isFound && !isOpen(reached))
            giveUpIn(isOpen(report.stage) ? STORE_TIMEOUT_MS : OPEN_TIMEOUT_MS);
          reached = report.stage;
          return null;
        case 'failed':
          clearTimeout(late);
          if (!report.why.includes(REFUSED_BY_BROWSER)) end(this.#fail(report.why));
          else setTimeout(() => end(this.#startAgain(report.why)), THROWS_AWAY_MS);
          return undefined;
        case 'found':
          isFound = true;
          clearTimeout(late);
          if (!this.#isWell(report.found) || !work) {
            end(this.tally.lost + this.tally.torn + this.tally.doubled === 0 ? 'well' : 'fault');
            return undefined;
          }
          if (this.#only) return this.#handOut(0, killIn);
          if (this.#random.next() < AT_ONCE) killAfter = this.#random.below(6);
          else killIn(LATEST_KILL_MS * this.#random.next() ** 2);
          return this.#handOut(0, killIn);
        case 'ready':
          return this.#handOut(report.tab, killIn);
        case 'done':
          this.#acknowledge(report.tab);
          if (killAfter-- === 0) {
            end('well');
            return undefined;
          }
          return this.#handOut(report.tab, killIn);
      }
    });
    const query = new URLSearchParams({ desk: page.url, open: JSON.stringify(this.#passphrases()) });
    const browser = DoomedBrowser.start(profile, `${this.#site}/?${query}`);
    const how = await over;
    await browser.kill();
    page.close();
    clearTimeout(late);
    clearTimeout(kill);
    if (how === 'well' && work) this.#countKill();
    return how;
  }

  /** What may open the database. */
  #passphrases(): readonly (string | null)[] {
    const inFlight = [...this.#inFlight.values()].map((operation) => apply(this.#acknowledged, operation));
    return [...new Set([this.#acknowledged, ...inFlight].map(({ passphrase }) => passphrase))];
  }

  #handOut(tab: Tab, killIn: (ms: number) => void): Order {
    if (tab >= this.#tabs) return { kind: 'stop' };
    const others = [...this.#inFlight.values()];
    const isAlone = this.#waiting !== undefined || others.some(({ kind }) => isExclusive(kind));
    if (tab === 1 && isAlone) return { kind: 'rest' };
    const next =
      tab === 1
        ? this.#operations.beside(this.#acknowledged)
        : (this.#waiting ?? this.#operations.next(this.#acknowledged));
    const goesAlone = isExclusive(next.kind);
    this.#waiting = goesAlone && others.length > 0 ? next : undefined;
    if (this.#waiting) return { kind: 'rest' };
    this.#handedOutAt = performance.now();
    if (this.#only ? next.kind === this.#only : goesAlone)
      killIn(this.#killWindow(next.kind) * this.#random.next());
    this.#inFlight.set(tab, next);
    this.#log.push(`${tab === 1 ? 'beside: ' : ''}${describe(next)}`);
    return next;
  }

  /** Until when an operation's kill may come, in milliseconds after it is handed out. */
  #killWindow(kind: Operation['kind']): number {
    const longest = this.#longest.get(kind);
    if (longest !== undefined) return OF_ITS_TIME * longest;
    return isExclusive(kind) ? SLOW_KILL_MS : LATEST_KILL_MS;
  }

  #acknowledge(tab: Tab): void {
    const done = this.#inFlight.get(tab);
    if (!done) throw new Error('the page acknowledges what it was not told to do');
    this.#acknowledged = apply(this.#acknowledged, done);
    this.#count(done, 'acknowledged');
    if (isExclusive(done.kind)) {
      const before = this.#longest.get(done.kind) ?? 0;
      this.#longest.set(done.kind, Math.max(before, performance.now() - this.#handedOutAt));
    }
    this.#inFlight.delete(tab);
    this.tally.acknowledged++;
    this.#log.push(`  acknowledged${tab === 1 ? ' (beside)' : ''}`);
  }

  #countKill(): void {
    this.tally.kills++;
    this.tally.inside += Math.min(1, this.#inFlight.size);
    for (const operation of this.#inFlight.values()) this.#count(operation, 'inside');
    this.#log.push(`killed with ${this.#inFlight.size} in flight`);
  }

  #count({ kind }: Operation, what: 'acknowledged' | 'inside'): void {
    const counted = this.kinds.get(kind) ?? { acknowledged: 0, inside: 0 };
    this.kinds.set(kind, { ...counted, [what]: counted[what] + 1 });
  }

  /** Whether the reopened store is as it should be; goes on from there. */
  #isWell(found: Found): boolean {
    if (found.discarded !== undefined) this.#startAnew(found.discarded, found.passphrase);
    if (found.slots > 1) this.tally.copies++;
    const operations = [...this.#inFlight.values()];
    const { lost, torn, doubled, inFlight, state } = judge(this.#acknowledged, operations, found);
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
    for (const each of inFlight) if (each !== 'same') this.tally[each]++;
    this.#acknowledged = state;
    this.#inFlight.clear();
    this.#waiting = undefined;
    this.#log = [];
    return true;
  }

  /** That is no fault of the store's, which could do nothing about it; but the new one must be empty and whole. */
  #startAnew(why: string, passphrase: string | null): void {
    console.error(
      `seed ${this.#seed}, after kill ${this.tally.kills}: the browser threw the database away: ${why}`,
    );
    this.tally.discarded++;
    this.#acknowledged = { ...EMPTY, passphrase };
    this.#inFlight.clear();
  }

  /** A store that cannot be read, or refuses what it must accept, is torn. */
  #fail(why: string): 'fault' {
    this.tally.torn++;
    this.#print('torn', [why]);
    this.#printLog();
    return 'fault';
  }

  /** Until the database is open it is the browser that works; from then on it is the store. */
  #giveUp(reached: Stage | undefined, ms: number): End {
    const what = `${ms} ms after its start, or its last stage, the browser had reached ${reached ?? 'nothing'}`;
    if (isOpen(reached)) return this.#fail(what);
    return this.#startAgain(what);
  }

  #startAgain(why: string): 'late' {
    this.#whyLate.push(why);
    console.error(`seed ${this.#seed}, after kill ${this.tally.kills}: ${why}; the browser is started anew`);
    this.tally.late++;
    return 'late';
  }

  #print(kind: 'lost' | 'torn' | 'doubled', faults: readonly string[]): void {
    const lines = faults.slice(0, MOST_FAULTS).map((fault) => `${kind}: ${fault.slice(0, 400)}`);
    if (faults.length > MOST_FAULTS) lines.push(`${kind}: … ${faults.length} in all`);
    for (const line of lines) console.error(line);
    this.faults.push(...lines);
  }

  #printLog(): void {
    const { kills } = this.tally;
    console.error(`seed ${this.#seed}, after kill ${kills}; since the last look that found all well:`);
    for (const line of this.#log) console.error(`  ${line}`);
  }
}
