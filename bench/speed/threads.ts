/** Runs in the page: one photo by this library on one thread and on several. */
import { NearFaceContestant } from './nearface.ts';

/** Milliseconds for a photo in one mode, by rounds. */
export interface ThreadTimes {
  /** Threads that the library says its models run on. */
  readonly threads: number;
  readonly variant: string;
  readonly ms: readonly number[];
}

/** The numbers of threads take turns; everything is loaded and warm before the first round that counts. */
export async function timeThreads(
  photo: HTMLCanvasElement,
  variants: readonly string[],
  rounds: number,
  numbers: readonly number[],
): Promise<readonly ThreadTimes[]> {
  const contestants = await Promise.all(numbers.map(start));
  const times = [];
  for (const variant of variants) {
    const ms = numbers.map((): number[] => []);
    for (let round = -WARM_UP; round < rounds; round++)
      for (const [i, contestant] of contestants.entries()) {
        const startMs = performance.now();
        await contestant.run(photo, variant);
        if (round >= 0) ms[i]!.push(performance.now() - startMs);
      }
    for (const [i, contestant] of contestants.entries()) {
      const { threads } = await contestant.describe();
      times.push({ threads: Number(threads), variant, ms: ms[i]! });
    }
  }
  return times;
}

const WARM_UP = 5;

async function start(threads: number): Promise<NearFaceContestant> {
  const contestant = new NearFaceContestant();
  await contestant.start({ device: 'wasm', threads });
  return contestant;
}
