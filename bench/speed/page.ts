/**
 * Runs in the page: one contestant at a time does detect + landmarks + align + embed on the same canvas.
 * Libraries are imported by URL when `start` is called, so that loading them can be timed.
 */
import { FaceApiContestant } from './face-api.ts';
import { type HardTimes, timeHard } from './hard.ts';
import { HumanContestant } from './human.ts';
import { NearFaceContestant } from './nearface.ts';
import { composePhoto } from './photo.ts';
import { type PoolTimes, timePool } from './pool.ts';
import type { Answer, Contestant, ContestantName, Setup, Timed } from './types.ts';
import { type ThreadTimes, timeThreads } from './threads.ts';
import { timeWebcam, type WebcamTimes } from './webcam.ts';

const MAKE: Readonly<Record<ContestantName, () => Contestant>> = {
  nearface: () => new NearFaceContestant(),
  human: () => new HumanContestant(),
  'face-api': () => new FaceApiContestant(),
};

/** What the Node side calls. */
export class SpeedPage {
  readonly #contestants = new Map<string, Contestant>();
  #photo: HTMLCanvasElement | undefined;

  /** Draws the photo; apart from `start`, as it is the same for everybody. */
  async prepare(sampleUrl: string): Promise<void> {
    this.#photo = await composePhoto(sampleUrl);
  }

  /** Loads a library and its models, and gives the first answer: milliseconds of the two together. */
  async start(name: ContestantName, setup: Setup, variant: string): Promise<Timed> {
    const contestant = MAKE[name]();
    this.#contestants.set(name, contestant);
    return this.#time(async () => {
      await contestant.start(setup);
      return contestant.run(this.#canvas, variant);
    });
  }

  async run(name: ContestantName, variant: string): Promise<Timed> {
    const contestant = this.#contestants.get(name);
    if (!contestant) throw new Error(`${name} has not been started`);
    return this.#time(() => contestant.run(this.#canvas, variant));
  }

  /** The prepared photo as a webcam's frame, by this library's two modes. */
  async webcam(rounds: number): Promise<WebcamTimes> {
    return timeWebcam(this.#canvas, rounds);
  }

  /** Pictures that take long, by this library. */
  async hard(rounds: number): Promise<readonly HardTimes[]> {
    return timeHard(this.#canvas, rounds);
  }

  /** Many photos, by several numbers of vision workers of this library. */
  async pool(
    samples: readonly string[],
    photos: number,
    rounds: number,
    workers: readonly number[],
  ): Promise<readonly PoolTimes[]> {
    return timePool(samples, photos, rounds, workers);
  }

  /** The prepared photo by several numbers of threads of this library. */
  async threads(
    variants: readonly string[],
    rounds: number,
    numbers: readonly number[],
  ): Promise<readonly ThreadTimes[]> {
    return timeThreads(this.#canvas, variants, rounds, numbers);
  }

  /** Backend, threads and SIMD as the library itself reports them. */
  async describe(name: ContestantName): Promise<Readonly<Record<string, unknown>>> {
    const described = await this.#contestants.get(name)?.describe();
    return { ...described, crossOriginIsolated, hardwareConcurrency: navigator.hardwareConcurrency };
  }

  get #canvas(): HTMLCanvasElement {
    if (!this.#photo) throw new Error('the photo has not been prepared');
    return this.#photo;
  }

  async #time(work: () => Promise<Answer>): Promise<Timed> {
    const startMs = performance.now();
    const answer = await work();
    return { ms: performance.now() - startMs, answer };
  }
}

(globalThis as { speedPage?: SpeedPage }).speedPage = new SpeedPage();
