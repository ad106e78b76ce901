import { untilAborted } from '../core/until-aborted.ts';

/** Something that can be told to wait, and to go on. */
export class Pause {
  #waiting: { readonly until: Promise<void>; readonly resume: () => void } | undefined;

  /** Whether it waits. */
  get isOn(): boolean {
    return this.#waiting !== undefined;
  }

  /** Settles at the next {@link Pause.end}; at once where it does not wait. @throws NearFaceError `ABORTED` */
  async over(signal: AbortSignal | undefined): Promise<void> {
    if (this.#waiting) await untilAborted(this.#waiting.until, signal);
  }

  begin(): void {
    let resume = (): void => undefined;
    const until = new Promise<void>((done) => (resume = done));
    this.#waiting ??= { until, resume };
  }

  end(): void {
    this.#waiting?.resume();
    this.#waiting = undefined;
  }
}
