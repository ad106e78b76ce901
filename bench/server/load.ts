import { withinMs } from '../../src/core/within-ms.ts';
import { quantile } from '../harness/averages.ts';

/** What a client does. */
export type Kind = 'identify' | 'enrol';

/** Whoever does it, over HTTP or in the process. */
export type Subject = (kind: Kind, photo: number) => Promise<unknown>;

/** What was measured of one kind. */
export interface KindFigures {
  readonly calls: number;
  readonly p50: number;
  readonly p95: number;
}

/** What was measured of a load. */
export interface LoadFigures {
  readonly seconds: number;
  readonly perSecond: number;
  readonly errors: readonly string[];
  readonly identify: KindFigures;
  readonly enrol: KindFigures;
}

/** Every so manieth call enrols. */
const ENROL_EVERY = 5;

/** Memory is looked at so often. */
const MEMORY_LOOK_MS = 5000;

/** What call number `n` does. */
export function kindOf(n: number): Kind {
  return n % ENROL_EVERY === ENROL_EVERY - 1 ? 'enrol' : 'identify';
}

/** So many clients, each of which calls as soon as it was answered, for so long. What is under way then is waited for and counted. */
export async function load(subject: Subject, clients: number, ms: number): Promise<LoadFigures> {
  const times: Record<Kind, number[]> = { identify: [], enrol: [] };
  const errors: string[] = [];
  const started = performance.now();
  let calls = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - started < ms) {
      const n = calls++;
      const kind = kindOf(n);
      const at = performance.now();
      try {
        await subject(kind, n);
        times[kind].push(performance.now() - at);
      } catch (error) {
        errors.push(String(error));
      }
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - started) / 1000;
  const done = times.identify.length + times.enrol.length;
  const figures = (of: readonly number[]): KindFigures => ({
    ...{ calls: of.length, p50: quantile(of, 0.5), p95: quantile(of, 0.95) },
  });
  const kinds = { identify: figures(times.identify), enrol: figures(times.enrol) };
  return { seconds, perSecond: done / seconds, errors, ...kinds };
}

/** One call after the other, each subject in turn, so that what slows the machine slows all alike. */
export async function alternate(subjects: readonly Subject[], rounds: number): Promise<readonly KindTimes[]> {
  const times = subjects.map((): KindTimes => ({ identify: [], enrol: [] }));
  for (let n = 0; n < rounds; n++)
    for (const [i, subject] of subjects.entries()) {
      const at = performance.now();
      await subject(kindOf(n), n);
      times[i]![kindOf(n)].push(performance.now() - at);
    }
  return times;
}

/** Milliseconds of each call of a kind. */
export type KindTimes = Readonly<Record<Kind, number[]>>;

/** Resident bytes of a process, so many seconds after the load began. */
export interface Memory {
  readonly seconds: number;
  readonly bytes: number;
}

/** Looks at something's memory every few seconds while work is done. */
export async function watchMemory(
  look: () => Promise<number>,
  work: Promise<unknown>,
): Promise<readonly Memory[]> {
  const seen: Memory[] = [];
  const started = performance.now();
  const end = (): boolean => true;
  const over = work.then(end, end);
  do seen.push({ seconds: (performance.now() - started) / 1000, bytes: await look() });
  while (!(await withinMs(over, MEMORY_LOOK_MS, false)));
  return seen;
}
