import type { ChallengeEvent, ChallengeResult } from '../video/challenge/events.ts';
import { EventQueue } from '../video/event-queue.ts';
import type { ChallengeOptions } from './challenge-options.ts';
import { loadVideoCode } from './load-video-code.ts';
import type { Session } from './session.ts';

/**
 * Asks somebody before a camera to do some things in an order that nobody could foresee. An async iterable of events, for one reader, that starts at
 * once: `asked` says what the person is to be told. It ends with the event `ended`, or with what keeps it from being done at all.
 */
export class Challenge implements AsyncIterable<ChallengeEvent>, AsyncDisposable {
  /**
   * How it ended; a challenge that was not passed is no error.
   *
   * @throws NearFaceError as {@link NearFace.challenge} says, and `ABORTED` once it was stopped
   */
  readonly result: Promise<ChallengeResult>;
  readonly #events = new EventQueue<ChallengeEvent>();
  readonly #stopper = new AbortController();

  /** @internal */
  constructor(session: Session, source: unknown, options: ChallengeOptions | undefined) {
    session.throwIfDisposed();
    this.result = this.#run(session, source, options);
    this.result.catch(() => undefined);
  }

  /** Ends it: `result` is rejected with `ABORTED`, unless it has one. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopper.abort();
    await this.result.catch(() => undefined);
  }

  /** The same as {@link Challenge.stop}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** The events, for one reader. Leaving a loop over them stops the challenge. */
  [Symbol.asyncIterator](): AsyncIterator<ChallengeEvent, undefined> {
    return {
      next: () => this.#events.next(),
      return: async () => {
        await this.stop();
        return { done: true, value: undefined };
      },
    };
  }

  async #run(
    session: Session,
    source: unknown,
    options: ChallengeOptions | undefined,
  ): Promise<ChallengeResult> {
    try {
      const { runChallenge } = await loadVideoCode(() => import('./challenge-run.ts'));
      const tell = (event: ChallengeEvent): void => this.#events.push(event);
      const result = await runChallenge(session, source, options, tell, this.#stopper.signal);
      this.#events.end();
      return result;
    } catch (error) {
      this.#events.fail(error);
      throw error;
    }
  }
}
