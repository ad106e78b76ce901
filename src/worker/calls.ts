import { NearFaceError } from '../core/errors.ts';
import type { WireResult } from './contract.ts';

/** Runs a worker method and answers with its value or its error as plain data; never rejects. */
export async function answer<T>(run: () => T | Promise<T>): Promise<WireResult<T>> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    return {
      ok: false,
      error: NearFaceError.from(error, 'WORKER_DIED', 'The worker failed unexpectedly').toWire(),
    };
  }
}

/** The calls under way in a worker, by the number that the page gave each, so that it can abort one. */
export class RunningCalls {
  readonly #running = new Map<number, AbortController>();

  /** Answers `run`, whose signal aborts when the page aborts the call numbered `callId`. */
  async answer<T>(callId: number, run: (signal: AbortSignal) => T | Promise<T>): Promise<WireResult<T>> {
    const controller = new AbortController();
    this.#running.set(callId, controller);
    try {
      return await answer(() => run(controller.signal));
    } finally {
      this.#running.delete(callId);
    }
  }

  abort(callId: number): void {
    this.#running.get(callId)?.abort();
  }
}
