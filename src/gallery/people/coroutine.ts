/**
 * Rules that are written once for every database. A coroutine asks for what it needs of the database and goes on with the answer: in
 * memory at once, so that a verb is done before another begins; in IndexedDB when the request is answered, within one transaction.
 */

/** What a database answers: at once, or later. */
export type Later<T> = T | Promise<T>;

/** Work that asks a database. */
export type Coroutine<T> = Generator<Later<unknown>, T, unknown>;

/** What a database answers, within a coroutine. */
export function* of<T>(asked: Later<T>): Coroutine<T> {
  return (yield asked) as T;
}

/** Runs a coroutine with a database that answers at once. */
export function runNow<T>(coroutine: Coroutine<T>): T {
  for (let step = coroutine.next(); ; step = coroutine.next(step.value)) if (step.done) return step.value;
}

/** Runs a coroutine with a database that answers later; it waits for nothing else. */
export async function runLater<T>(coroutine: Coroutine<T>): Promise<T> {
  for (let step = coroutine.next(); ;) {
    if (step.done) return step.value;
    let value: unknown;
    try {
      value = await step.value;
    } catch (error) {
      step = coroutine.throw(error);
      continue;
    }
    step = coroutine.next(value);
  }
}
